"""`dzvin prompts check` and `dzvin prompts build`."""

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from ivr import recorded
from ivr.config import Settings, load_settings
from ivr.errors import Plain
from ivr.media.prompts import Speaker
from ivr.recorded import build_prompts, check_prompts, wanted

ROOT = Path(__file__).resolve().parents[2]
TEXTS = """\
silence:
  uk: "Ми вас не почули."
  en: "We did not hear from you."
choose-uk: {spoken: uk, text: "Для розмови українською натисніть один."}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two prompts in two languages, as shipped."""
    folder = tmp_path / "prompts"
    for language in ("uk", "en"):
        (folder / language).mkdir(parents=True)
        for prompt in ("silence", "choose-uk"):
            shutil.copy(ROOT / "prompts" / language / f"{prompt}.wav", folder / language)
    (folder / "texts.yaml").write_text(TEXTS, encoding="utf-8")
    return load_settings(prompts=folder, run_folder=tmp_path / "run")


def console() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=160), out


def test_good_recordings_have_no_fault(settings: Settings) -> None:
    screen, out = console()
    assert check_prompts(settings, screen) == 0
    assert "every recording is there and well" in out.getvalue()


def test_faults_are_listed_and_the_status_says_so(settings: Settings) -> None:
    (settings.prompts / "uk" / "silence.wav").unlink()
    (settings.prompts / "en" / "choose-uk.wav").write_bytes(b"noise")
    shutil.copy(settings.prompts / "en" / "silence.wav", settings.prompts / "en" / "old.wav")
    screen, out = console()
    assert check_prompts(settings, screen) == 1
    said = out.getvalue()
    assert "3 to mend" in said
    assert "missing; it says: Ми вас не почули." in said
    assert "en/choose-uk.wav" in said
    assert "nobody asks for it" in said


def test_the_voice_of_a_prompt_spoken_in_one_language_only(settings: Settings) -> None:
    lines = {(line.id, line.language): line.spoken for line in wanted(settings.prompts)}
    assert lines == {
        ("silence", "uk"): "uk",
        ("silence", "en"): "en",
        ("choose-uk", "uk"): "uk",
        ("choose-uk", "en"): "uk",
    }


def test_what_is_missing_is_made_and_the_rest_is_left_alone(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = tmp_path / "voice.wav"
    shutil.copy(settings.prompts / "uk" / "silence.wav", voice)
    speaker = Speaker(("cp", "{voice}", "{out}"), {"uk": str(voice), "en": str(voice)})
    monkeypatch.setattr(recorded, "RHVOICE", speaker)
    kept = (settings.prompts / "en" / "silence.wav").stat().st_mtime_ns
    (settings.prompts / "uk" / "silence.wav").unlink()
    screen, out = console()
    assert build_prompts(settings, anew=False, console=screen) == 0
    assert "1 of 4 recordings were made." in out.getvalue()
    assert (settings.prompts / "en" / "silence.wav").stat().st_mtime_ns == kept


def test_without_a_synthesizer_one_sentence_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "RHVOICE", Speaker(("no-such-voice",), {"uk": "a", "en": "b"}))
    (settings.prompts / "uk" / "silence.wav").unlink()
    with pytest.raises(Plain, match=r"uk/silence was not made: .*no-such-voice.*prompts/README.md"):
        build_prompts(settings, anew=False, console=console()[0])


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ("", "holds no texts"),
        ("- a list", "holds no texts"),
        ("a: [", "mistakes"),
        ("hello: {uk: Привіт}\nbye: {en: Bye}", "hello: no text in en"),
        ("'../etc': {uk: Привіт}", "a prompt is an id"),
        ("hello: text", "a prompt is an id"),
    ],
)
def test_texts_that_cannot_be_used(settings: Settings, texts: str, why: str) -> None:
    (settings.prompts / "texts.yaml").write_text(texts, encoding="utf-8")
    with pytest.raises(Plain, match=why):
        wanted(settings.prompts)


def test_no_texts_at_all(settings: Settings) -> None:
    (settings.prompts / "texts.yaml").unlink()
    with pytest.raises(Plain, match=r"texts.yaml cannot be read: No such file or directory"):
        wanted(settings.prompts)
