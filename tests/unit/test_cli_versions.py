"""`dzvin publish`, `dzvin versions` and `dzvin rollback` as a person types them, without a server."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.arrangement import first_arrangement
from ivr.asterisk.conf import AsteriskConf, Phone
from ivr.cli import app
from ivr.config import load_settings
from ivr.errors import Plain
from ivr.publishing import end_of_trial, share_of
from ivr.readiness import told_to_admin
from ivr.terminal.versions import difference

SHIPPED = Path(__file__).resolve().parents[2] / "dialplans"


pytestmark = pytest.mark.usefixtures("without_the_proof")


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped dialplan, which every command takes for the configured one."""
    folder = tmp_path / "plan"
    folder.mkdir()
    for path in SHIPPED.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("DZVIN_RUN_FOLDER", str(tmp_path / "run"))
    monkeypatch.setenv("DZVIN_DIALPLANS", str(folder))
    monkeypatch.setenv("COLUMNS", "160")
    return folder


def dzvin(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=True)


def edit(plan: Path, old: str = "3: services-menu", new: str = "3: ask-general") -> None:
    text = (plan / "menus.yaml").read_text(encoding="utf-8")
    assert old in text
    (plan / "menus.yaml").write_text(text.replace(old, new), encoding="utf-8")


def plain(said: Result) -> str:
    """Of a mistake that is told in one sentence."""
    assert isinstance(said.exception, Plain), said.output
    return str(said.exception)


@pytest.fixture
def published(plan: Path) -> Path:
    first_arrangement(load_settings())
    return plan


def test_before_the_first_publish(plan: Path) -> None:
    assert "Nothing was published yet" in dzvin("versions").output
    assert "nothing was published yet" in plain(dzvin("rollback"))
    assert "no version is on trial" in plain(dzvin("publish", "--finish"))
    said = dzvin("publish", "--why", "the beginning", "--yes")
    assert said.exit_code == 0
    assert "Nothing was published yet.\nVersion 1 is live (published).\n" in said.output


def test_publish_shows_the_difference_and_who_and_why(published: Path) -> None:
    edit(published)
    assert "Changed on disk, not published:" in dzvin("versions").output
    assert "Changed on disk, not published:" in dzvin("check").output
    said = dzvin("publish", "--why", "fewer menus", "--who", "Olena", "--yes")
    assert said.exit_code == 0
    assert "Changes from version 1, which is live:" in said.output
    assert "  main-menu: key 3 now goes to ask-general (was services-menu)" in said.output
    assert "Version 2 is live (published)." in said.output
    assert "No server runs here; the next one starts with it." in said.output
    listed = dzvin("versions").output
    assert "2 live" in listed
    assert "Olena" in listed
    assert "fewer menus" in listed
    assert "Changed on disk" not in listed
    one = dzvin("versions", "2").output
    assert "by Olena: fewer menus" in one
    assert "Changes from version 1:" in one


def test_nothing_is_published_that_was_not_agreed_to(published: Path) -> None:
    assert "Nothing to publish" in dzvin("publish", "--why", "x").output
    edit(published)
    assert "nobody is here to agree; add --yes" in plain(dzvin("publish", "--why", "x"))
    assert "say why in one line" in plain(dzvin("publish", "--yes"))
    assert "Nothing to publish" not in dzvin("publish", "--why", "x", "--yes").output


def test_mistakes_are_told_and_exit_with_1(published: Path) -> None:
    edit(published, new="3: nowhere")
    said = dzvin("publish", "--why", "x", "--yes")
    assert said.exit_code == 1
    assert "there is no step 'nowhere'" in said.output
    assert "nothing was published" in said.output
    assert dzvin("versions", "--json").output.count('"number"') == 1


def test_back_and_the_history(published: Path) -> None:
    edit(published)
    dzvin("publish", "--why", "fewer menus", "--yes")
    said = dzvin("rollback", "--why", "callers were lost")
    assert said.exit_code == 0
    assert "Version 1 is live (rolled back)." in said.output
    assert "main-menu: key 3 now goes to services-menu (was ask-general)" in said.output
    history = dzvin("versions", "--history").output
    assert [word in history for word in ("first start", "published", "rolled back", "callers were lost")] == [
        True
    ] * 4
    assert "There is no version 7; there are 1 to 2." in plain(dzvin("rollback", "7"))


def test_a_trial_from_its_beginning_to_its_end(published: Path) -> None:
    edit(published)
    said = dzvin("publish", "--why", "fewer menus", "--yes", "--canary", "5%", "--finish-after", "200 calls")
    assert "Version 2 is on trial with 5% of the new calls." in said.output
    listed = dzvin("versions").output
    assert "2 on trial" in listed
    assert "1 live" in listed
    edit(published, "3: ask-general", "3: branches-menu")
    assert "version 2 is on trial with 5%" in plain(dzvin("publish", "--why", "x", "--yes"))
    assert "Version 1 is live (trial ended)." in dzvin("rollback").output
    dzvin("publish", "--why", "again", "--yes", "--canary", "50%")
    assert "Version 3 is live (trial passed)." in dzvin("publish", "--finish").output


def test_everything_as_json(published: Path) -> None:
    assert json.loads(dzvin("publish", "--json").output) == {"change": None, "difference": []}
    edit(published)
    done = json.loads(dzvin("publish", "--why", "fewer menus", "--json").output)
    assert done["change"]["live"] == 2
    assert done["difference"] == ["main-menu: key 3 now goes to ask-general (was services-menu)"]
    assert done["server"] is False
    listed = json.loads(dzvin("versions", "--json").output)
    assert [(row["number"], row["state"]) for row in listed["versions"]] == [(1, ""), (2, "live")]
    assert [change["what"] for change in listed["history"]] == ["first start", "published"]
    one = json.loads(dzvin("versions", "2", "--json").output)
    assert Path(one["folder"]).joinpath("menus.yaml").is_file()
    assert json.loads(dzvin("rollback", "--json").output)["change"]["live"] == 1
    assert json.loads(dzvin("info", "--json").output)["dialplan"]["version"] == 1


def test_a_damaged_version_is_told(published: Path) -> None:
    edit(published)
    dzvin("publish", "--why", "fewer menus", "--yes")
    place = json.loads(dzvin("versions", "2", "--json").output)["folder"]
    Path(place, "menus.yaml").write_text("mine")
    listed = dzvin("versions").output
    assert "2 damaged" in listed
    assert "1 live" in listed
    assert "Version 2 is damaged" in plain(dzvin("rollback", "2"))


def test_text_of_people_cannot_colour_the_screen(published: Path) -> None:
    edit(published)
    dzvin("publish", "--why", "[red]x[/red] \x1b[31my", "--who", "[bold]me", "--yes")
    listed = dzvin("versions").output
    assert "[red]x[/red]" in listed
    assert "\x1b" not in listed
    assert "[bold]me" in listed


@pytest.mark.parametrize("text", ["", "5", "0%", "0.5%", "51%", "100%", "-5%", "five", "5%%", "٥%"])
def test_a_share_that_cannot_be(text: str) -> None:
    with pytest.raises(Plain, match="write a share of the new calls from 1% to 50%, like 5%"):
        share_of(text)


def test_shares_and_ends() -> None:
    assert (share_of("5%"), share_of(" 12.5 %"), share_of("50%")) == (0.05, 0.125, 0.5)
    assert end_of_trial("200 calls", 100.0) == (200, None)
    assert end_of_trial("1 call", 100.0) == (1, None)
    assert end_of_trial("30 min", 100.0) == (None, 1900.0)
    assert end_of_trial("2h", 100.0) == (None, 7300.0)


@pytest.mark.parametrize("text", ["", "0 calls", "200", "soon", "-1 h", "2 weeks"])
def test_an_end_that_cannot_be(text: str) -> None:
    with pytest.raises(Plain, match="--finish-after"):
        end_of_trial(text, 0.0)


def test_options_that_do_not_fit_together(plan: Path) -> None:
    assert "goes with --canary" in plain(dzvin("publish", "--finish-after", "2 h"))


def test_an_asterisk_of_somebody_else_has_to_be_told() -> None:
    def conf(*names: str) -> AsteriskConf:
        phones = tuple(Phone(name=name, password="password") for name in names)
        return AsteriskConf(ami_secret="password", phones=phones)

    assert told_to_admin(conf("701"), conf("701"), None) == []
    (told,) = told_to_admin(conf("701", "702"), conf("701", "703"), None)
    assert "(phone 703 is new, phone 702 is gone)" in told
    assert "`dzvin render FOLDER`" in told
    assert told_to_admin(conf("701"), conf("701"), Path("prompts")) == [
        "If recordings are new, copy prompts to your Asterisk's sounds."
    ]


def test_colours_go_with_what_a_sentence_says() -> None:
    found: Callable[[str], object] = lambda line: difference([line]).spans[-1].style  # noqa: E731
    assert found("petro: new") == "green"
    assert found("news: removed") == "red"
    assert found("step a renamed to b; named nowhere") == "cyan"
    assert found("main-menu: key 3 now goes to news (was services)") == "yellow"
    assert "and 50 more" in difference(["x"] * 250).plain
    assert os.linesep not in difference([]).plain
