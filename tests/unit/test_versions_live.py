"""What a running server does with versions: whose calls go by which, and what each change touches."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acd.core.words import CallId, OperatorId, QueueId
from ivr.arrangement import (
    Arrangement,
    first_arrangement,
    read_arrangement,
    read_ending,
    store_of,
    unpublished,
)
from ivr.book import CallEnd, Shelf
from ivr.config import Settings, load_settings
from ivr.errors import Plain
from ivr.live import COME_BACK_WITHIN, LiveVersions
from ivr.publishing import propose, publish
from ivr.turning import Refused, roll_back
from ivr.versions import Canary, Change, Overtaken, Version, What
from ivr.versions.canary import Outcome, takes
from tests.eventually import eventually

pytestmark = pytest.mark.usefixtures("without_the_proof")

PLAN = """
center: {{ languages: [en] }}
lines:
  main: {{ name: Main, numbers: [100], start: ask }}
steps:
  ask: {{ queue: {queue} }}
skills: {{ {skill}: Skill }}
queues:
  {queue}: {{ name: Queue, max-wait: {wait} min, skills: {{ {skill}: 2 }} }}
operators:
  olena:
    name: Olena
    phone: {{ number: 701, kind: generic }}
    skills: {{ {skill}: 5 }}
    queues: [{queue}]
"""
VERSION = Version(number=0, digest="", at=1.0, who="x", why="", based_on=None, checked="", difference=())
PETRO = "  petro: { name: Petro, phone: { number: 702, kind: generic }, queues: [QUEUE] }\n"


class Bench:
    """A server's versions without a server."""

    def __init__(self, folder: Path) -> None:
        self.plan = folder / "plan"
        self.plan.mkdir()
        self.write()
        self.settings: Settings = load_settings(
            dialplans=self.plan, prompts=folder / "prompts", run_folder=folder / "run"
        )
        self.store = store_of(self.settings)
        self.now = 1000.0
        self.calls: Counter[int] = Counter()
        self.applied: list[Arrangement] = []
        self.prepared: list[tuple[int, bool]] = []
        self.unprepared = ""

    def write(self, queue: str = "general", skill: str = "parcels", wait: int = 10, more: str = "") -> None:
        text = PLAN.format(queue=queue, skill=skill, wait=wait) + more.replace("QUEUE", queue)
        (self.plan / "all.yaml").write_text(text, encoding="utf-8")

    def begin(self) -> LiveVersions:
        """As a start of the server."""
        found = read_arrangement(self.settings, self.store)
        if found is None:
            found = publish_first(self)
        return LiveVersions(
            self.settings,
            self.store,
            found,
            apply=self.applied.append,
            prepare=self._prepare,
            in_use=lambda: self.calls,
            clock=lambda: self.now,
        )

    async def _prepare(self, arrangement: Arrangement, recordings: bool) -> str:
        if self.unprepared:
            raise Plain(self.unprepared)
        self.prepared.append((arrangement.live.number, recordings))
        return "tell your Asterisk"

    def version(self, **written: Any) -> int:
        """Added to the store, not live."""
        self.write(**written)
        staged = self.store.stage(self.plan)
        base = self.store.version(1)
        return self.store.add(staged, replace(base, why=str(written), based_on=1)).number


def publish_first(bench: Bench) -> Arrangement:
    """The recordings of so small a dialplan are not there, so it is not the server that publishes it."""
    version = bench.store.add(bench.store.stage(bench.plan), VERSION)
    bench.store.change(None, change_to(version.number, What.FIRST))
    found = read_arrangement(bench.settings, bench.store)
    assert found is not None
    return found


def change_to(live: int, what: What = What.PUBLISH, canary: Canary | None = None) -> Change:
    return Change(serial=0, what=what, live=live, canary=canary, at=1000.0, who="olena", why="")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
async def live(bench: Bench) -> AsyncIterator[LiveVersions]:
    versions = bench.begin()
    yield versions
    await versions.stop()


def queues(bench: Bench) -> set[str]:
    return set(bench.applied[-1].whole.settings.queues)


def ended(version: int, **marks: bool) -> CallEnd:
    return CallEnd(call=CallId("1.1"), version=version, outcome=Outcome(**marks))


async def test_a_version_goes_live_in_one_step(bench: Bench, live: LiveVersions) -> None:
    number = bench.version(wait=15)
    made, left = await live.change(1, change_to(number))
    assert (made.serial, made.live, left) == (2, 2, "tell your Asterisk")
    assert bench.prepared == [(2, True)]
    (arrangement,) = bench.applied
    assert arrangement.live.number == 2
    assert arrangement.ending == ()
    assert arrangement.whole.settings.queues[QueueId("general")].max_wait_for == 900.0
    assert bench.store.live() == made


async def test_calls_keep_their_queue_until_the_last_is_over(bench: Bench, live: LiveVersions) -> None:
    bench.calls[1] = 2
    await live.change(1, change_to(bench.version(queue="first", skill="boxes")))
    assert queues(bench) == {"first", "general"}
    olena = bench.applied[-1].whole.settings.operators[OperatorId("olena")]
    assert olena.queues == {"first", "general"}
    assert dict(olena.skills) == {"boxes": 5, "parcels": 5}
    bench.calls[1] = 1
    live.call_ended(ended(1))
    assert queues(bench) == {"first", "general"}
    bench.calls[1] = 0
    live.call_ended(ended(1))
    assert queues(bench) == {"first"}
    assert dict(bench.applied[-1].whole.settings.operators[OperatorId("olena")].skills) == {"boxes": 5}


async def test_versions_of_calls_that_may_come_back_are_kept_over_a_restart(
    bench: Bench, live: LiveVersions
) -> None:
    bench.calls[1] = 1
    await live.change(1, change_to(bench.version(queue="first", skill="boxes")))
    await eventually(lambda: set(read_ending(bench.store)) == {1, 2}, what="written for the next server")
    bench.calls.clear()
    again = bench.begin()
    assert [edition.number for edition in again.now.ending] == [1]
    assert set(again.now.whole.settings.queues) == {"first", "general"}
    again.call_ended(ended(2))
    assert [edition.number for edition in again.now.ending] == [1]
    bench.now += COME_BACK_WITHIN
    again.call_ended(ended(1))
    assert again.now.ending == ()
    await again.stop()


async def test_a_call_that_comes_back_finds_its_version(bench: Bench, live: LiveVersions) -> None:
    await live.change(1, change_to(bench.version(wait=15)))
    shelf = Shelf(live.now.live.book)
    shelf.fetch = live.fetch
    assert (await shelf.find(2)) is shelf.live
    book = await shelf.find(1)
    assert book is not None
    assert book.number == 1
    assert await shelf.find(9) is None


async def test_who_saw_an_older_state_is_told(bench: Bench, live: LiveVersions) -> None:
    first, second = bench.version(wait=15), bench.version(wait=20)
    await live.change(1, change_to(first))
    with pytest.raises(Overtaken, match="Meanwhile olena was faster: version 2 published"):
        await live.change(1, change_to(second))
    assert live.now.live.number == 2
    assert len(bench.applied) == 1


async def test_two_orders_at_the_same_time_one_counts(bench: Bench, live: LiveVersions) -> None:
    orders = [live.change(1, change_to(bench.version(wait=wait))) for wait in (15, 20, 25)]
    outcomes = await asyncio.gather(*orders, return_exceptions=True)
    assert [isinstance(outcome, Overtaken) for outcome in outcomes] == [False, True, True]


async def test_what_asterisk_refuses_changes_nothing(bench: Bench, live: LiveVersions) -> None:
    bench.unprepared = "Asterisk's console refused."
    with pytest.raises(Plain, match="console refused"):
        await live.change(1, change_to(bench.version(wait=15)))
    assert (live.now.live.number, bench.applied) == (1, [])
    found = bench.store.live()
    assert found is not None
    assert found.live == 1


async def test_a_version_that_this_program_does_not_understand_is_refused(
    bench: Bench, live: LiveVersions
) -> None:
    number = bench.version(more="  ihor: { colour: red }\n")
    with pytest.raises(Plain, match=r"version 2 of the dialplan cannot be used by this Dzvin; mend"):
        await live.change(1, change_to(number))
    assert live.now.live.number == 1


async def test_what_was_written_without_the_server_is_taken_over(bench: Bench, live: LiveVersions) -> None:
    bench.store.change(bench.store.live(), change_to(bench.version(wait=15)))
    change = await live.catch_up()
    assert (change.live, bench.applied[-1].live.number) == (2, 2)


async def test_a_trial_takes_its_share_and_brings_its_operators(bench: Bench, live: LiveVersions) -> None:
    number = bench.version(queue="first", more=PETRO)
    canary = Canary(number=number, share=0.2, since=1000.0)
    await live.change(1, change_to(1, What.TRY, canary))
    arrangement = bench.applied[-1]
    whole = arrangement.whole
    assert set(whole.settings.queues) == {"general", "first"}
    assert set(whole.settings.operators) == {"olena", "petro"}
    assert {phone.name for phone in whole.phones} == {"701", "702"}
    assert whole.names.queues.keys() == {"general", "first"}
    assert bench.applied[-1].live.loaded.names.queues.keys() == {"general"}
    shelf = Shelf(arrangement.live.book)
    assert arrangement.tried is not None
    shelf.put(arrangement.live.book, canary, arrangement.tried.book)
    calls = [CallId(f"17.{number}") for number in range(300)]
    by_version = {call: shelf.for_new(call).number for call in calls}
    assert by_version == {call: 2 if takes(canary, call) else 1 for call in calls}
    assert 30 < list(by_version.values()).count(2) < 90


async def test_a_trial_that_is_clearly_worse_is_taken_back_by_itself(
    bench: Bench, live: LiveVersions
) -> None:
    canary = Canary(number=bench.version(queue="first"), share=0.1, since=1000.0)
    await live.change(1, change_to(1, What.TRY, canary))
    for _ in range(200):
        live.call_ended(ended(1))
    for _ in range(10):
        live.call_ended(ended(2, no_match=True))
    await eventually(lambda: live.now.change.canary is None, what="the trial ends")
    found = bench.store.live()
    assert found is not None
    assert (found.what, found.live, found.who) == (What.WORSE, 1, "dzvin")
    assert found.why == "calls with an answer that led nowhere: 10 of 10, on the live version 0 of 200"
    assert queues(bench) == {"general"}


async def test_a_trial_is_taken_back_even_if_that_cannot_be_written_down(
    bench: Bench, live: LiveVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = Canary(number=bench.version(queue="first"), share=0.1, since=1000.0)
    await live.change(1, change_to(1, What.TRY, canary))

    def full(*_given: object) -> Change:
        raise Plain("No space left on device.")

    monkeypatch.setattr(bench.store, "change", full)
    monkeypatch.setattr(live, "_store", bench.store)
    for _ in range(200):
        live.call_ended(ended(1))
    for _ in range(10):
        live.call_ended(ended(2, error=True))
    await eventually(lambda: live.now.change.canary is None, what="the trial ends")
    assert bench.applied[-1].tried is None


async def test_a_good_trial_goes_live_by_itself(bench: Bench, live: LiveVersions) -> None:
    canary = Canary(number=bench.version(wait=15), share=0.5, since=1000.0, finish_calls=30)
    await live.change(1, change_to(1, What.TRY, canary))
    for _ in range(30):
        live.call_ended(ended(1))
        live.call_ended(ended(2))
    await eventually(lambda: live.now.change.canary is None, what="the trial ends")
    found = bench.store.live()
    assert found is not None
    assert (found.what, found.live) == (What.FINISH, 2)
    assert found.why == "not clearly worse in 30 calls"


async def test_operators_who_are_no_longer_named_are_not_kept(bench: Bench, live: LiveVersions) -> None:
    await live.change(1, change_to(bench.version(more=PETRO)))
    bench.calls[2] = 1
    await live.change(2, change_to(1, What.ROLLBACK))
    assert [edition.number for edition in bench.applied[-1].ending] == [2]
    assert set(bench.applied[-1].whole.settings.operators) == {"olena"}


# Without a server


def test_the_folder_of_the_first_start_is_version_1(tmp_path: Path) -> None:
    shipped = load_settings(run_folder=tmp_path / "run")
    first = first_arrangement(shipped)
    assert (first.change.what, first.live.number) == (What.FIRST, 1)
    assert first_arrangement(shipped).change == first.change
    assert unpublished(shipped, store_of(shipped)) == ""


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    """The shipped dialplan in a folder that can be edited, published once."""
    plan = tmp_path / "plan"
    plan.mkdir()
    for path in (Path(__file__).resolve().parents[2] / "dialplans").glob("*.yaml"):
        (plan / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    settings = load_settings(dialplans=plan, run_folder=tmp_path / "run")
    first_arrangement(settings)
    return settings


def edit(settings: Settings, old: str, new: str, folder: Path | None = None) -> None:
    path = (folder or settings.dialplans) / "menus.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_file_that_was_changed_changes_nothing_before_it_is_published(shop: Settings) -> None:
    edit(shop, "3: services-menu", "3: ask-general")
    assert first_arrangement(shop).live.loaded.dialplan.steps["main-menu"].keys["3"] == "services-menu"  # type: ignore[union-attr]
    assert unpublished(shop, store_of(shop)).startswith("changed on disk, not published: ")
    proposal = propose(shop, shop.dialplans)
    assert proposal is not None
    assert proposal.difference == ("main-menu: key 3 now goes to ask-general (was services-menu)",)
    done = publish(shop, proposal, who="olena", why="fewer menus")
    assert (done.change.live, done.server) == (2, False)
    assert first_arrangement(shop).live.loaded.dialplan.steps["main-menu"].keys["3"] == "ask-general"  # type: ignore[union-attr]
    assert unpublished(shop, store_of(shop)) == ""
    assert propose(shop, shop.dialplans) is None


def test_mistakes_and_failed_scenarios_are_not_published(shop: Settings) -> None:
    edit(shop, "3: services-menu", "3: nowhere")
    with pytest.raises(Refused, match=r"there is no step 'nowhere'(.|\n)*nothing was published"):
        propose(shop, shop.dialplans)
    edit(shop, "3: nowhere", "3: ask-general")
    (shop.dialplans / "scenarios").mkdir()
    (shop.dialplans / "scenarios" / "day.yaml").write_text("scenarios: { day: { line: gone } }")
    with pytest.raises(Refused, match="Nothing was published; `dzvin rehearse` shows each call"):
        propose(shop, shop.dialplans)
    assert store_of(shop).numbers() == [1]
    assert list(store_of(shop).folder.glob(".incoming-*")) == []


def test_of_two_copies_of_the_folder_the_second_is_told_what_it_would_undo(
    shop: Settings, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for path in shop.dialplans.glob("*.yaml"):
        (mine / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert propose(shop, mine) is None
    edit(shop, "3: services-menu", "3: ask-general")
    theirs = propose(shop, shop.dialplans)
    assert theirs is not None
    publish(shop, theirs, who="ihor", why="fewer menus")
    edit(shop, "1: branch-hours", "1: find-branch", mine)
    with pytest.raises(Refused) as refused:
        propose(shop, mine)
    assert refused.value.lines == [
        f"{mine} was taken from version 1; meanwhile ihor published version 2 (fewer menus):",
        "  main-menu: key 3 now goes to ask-general (was services-menu)",
        "Take these changes over into your files, or say --over 2 to publish without them.",
    ]
    edit(shop, "3: services-menu", "3: ask-general", mine)
    assert propose(shop, mine, over=2) is not None


def test_of_two_who_looked_at_the_same_time_the_second_is_told(shop: Settings) -> None:
    edit(shop, "3: services-menu", "3: ask-general")
    mine, theirs = propose(shop, shop.dialplans), propose(shop, shop.dialplans)
    assert mine is not None
    assert theirs is not None
    publish(shop, theirs, who="ihor", why="first")
    with pytest.raises(Refused, match=r"Meanwhile ihor was faster: version 2 published \(first\)\."):
        publish(shop, mine, who="olena", why="second")
    assert store_of(shop).numbers() == [1, 2]


def test_back_goes_to_what_was_live_before_and_never_to_and_fro(shop: Settings) -> None:
    for old, new in (("3: services-menu", "3: ask-general"), ("3: ask-general", "3: branches-menu")):
        edit(shop, old, new)
        proposal = propose(shop, shop.dialplans)
        assert proposal is not None
        publish(shop, proposal, who="olena", why=new)
    assert roll_back(shop, None, who="olena", why="").change.live == 2
    assert roll_back(shop, None, who="olena", why="").change.live == 1
    with pytest.raises(Plain, match="version 1 is the first one"):
        roll_back(shop, None, who="olena", why="")
    assert roll_back(shop, 3, who="olena", why="").change.live == 3
    with pytest.raises(Plain, match="version 3 is live already"):
        roll_back(shop, 3, who="olena", why="")
    with pytest.raises(Plain, match="There is no version 9; there are 1 to 3"):
        roll_back(shop, 9, who="olena", why="")
