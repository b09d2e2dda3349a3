"""`dzvin prompts check` and `dzvin prompts build`."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from ivr.config import Settings, load_settings
from ivr.errors import Plain
from ivr.media.sound import measure
from ivr.media.spoken import all_fragments
from ivr.recorded import build_prompts, check_prompts, wanted
from tests.real import need

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
        shutil.copytree(ROOT / "prompts" / language / "say", folder / language / "say")
    (folder / "texts.yaml").write_text(TEXTS, encoding="utf-8")
    return spoken_by_copying(folder, tmp_path / "run", tmp_path / "voice.wav")


def spoken_by_copying(folder: Path, run: Path, voice: Path) -> Settings:
    """A synthesizer that says the same whatever it is given: a sentence of the shipped prompts."""
    shutil.copy(ROOT / "prompts" / "uk" / "silence.wav", voice)
    return load_settings(
        prompts=folder,
        run_folder=run,
        synthesizer="cp {voice} {out}",
        synthesizer_voices=f"uk={voice},en={voice}",
    )


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
    fragments = {(name, language): language for language in ("uk", "en") for name in all_fragments(language)}
    assert lines == fragments | {
        ("silence", "uk"): "uk",
        ("silence", "en"): "en",
        ("choose-uk", "uk"): "uk",
        ("choose-uk", "en"): "uk",
    }


def test_what_is_missing_is_made_and_the_rest_is_left_alone(settings: Settings) -> None:
    kept = (settings.prompts / "en" / "silence.wav").stat().st_mtime_ns
    (settings.prompts / "uk" / "silence.wav").unlink()
    screen, out = console()
    assert build_prompts(settings, anew=False, console=screen) == 0
    assert (
        f"1 of {4 + len(all_fragments('uk')) + len(all_fragments('en'))} recordings were made."
        in out.getvalue()
    )
    assert (settings.prompts / "en" / "silence.wav").stat().st_mtime_ns == kept


def test_a_missing_fragment_of_a_number_is_told(settings: Settings) -> None:
    (settings.prompts / "uk" / "say" / "n-21-f.wav").unlink()
    shutil.copy(settings.prompts / "uk" / "say" / "n-5.wav", settings.prompts / "uk" / "say" / "n-500000.wav")
    screen, out = console()
    assert check_prompts(settings, screen) == 1
    assert "uk/say/n-21-f.wav" in out.getvalue()
    assert "missing; it says: двадцять одна" in out.getvalue()
    assert "uk/say/n-500000.wav" in out.getvalue()


def test_another_synthesizer_makes_what_is_missing(settings: Settings, tmp_path: Path) -> None:
    need("espeak-ng")
    other = settings.model_copy(
        update={"synthesizer": "espeak-ng -v {voice} -w {out}", "synthesizer_voices": "uk=uk,en=en-gb"}
    )
    for name in ("uk/silence", "uk/say/n-42", "en/say/n-42", "en/say/parcel-other"):
        (settings.prompts / f"{name}.wav").unlink()
    screen, out = console()
    build_prompts(other, anew=False, console=screen)
    assert out.getvalue().lstrip().startswith("4 of ")
    assert 0.4 < measure(settings.prompts / "uk/say/n-42.wav").length_s < 1.5
    assert 0.3 < measure(settings.prompts / "en/say/n-42.wav").length_s < 1.2


def test_a_recording_that_was_dropped_in_wins_even_over_rendering_all_anew(
    settings: Settings, tmp_path: Path
) -> None:
    need("sox")
    hello = settings.prompts / "uk" / "silence.wav"
    rendered = hello.read_bytes()
    command = f"sox {hello} -r 44100 -c 2 {settings.prompts}/uk/silence.flac tempo 0.8"
    subprocess.run(command.split(), check=True, timeout=60)
    need("ffmpeg")
    screen, out = console()
    assert build_prompts(settings, anew=False, console=screen) == 0
    assert "1 recordings that were dropped in were converted." in out.getvalue()
    recorded = hello.read_bytes()
    assert recorded != rendered
    shutil.rmtree(settings.prompts / "uk" / "say")
    shutil.rmtree(settings.prompts / "en" / "say")
    build_prompts(settings, anew=True, console=console()[0])
    assert hello.read_bytes() == recorded
    assert (settings.prompts / "originals" / "uk" / "silence.flac").exists()


def test_bad_recordings_are_told_and_the_rest_goes_on(settings: Settings) -> None:
    (settings.prompts / "uk" / "silence.wav").unlink()
    (settings.prompts / "en" / "silence.wav").write_bytes(b"noise")
    (settings.prompts / "en" / "choose-uk.mp3").write_bytes(b"noise")
    (settings.prompts / "en" / "choose-en.mp3").write_bytes(b"noise")
    screen, out = console()
    assert build_prompts(settings, anew=False, console=screen) == 1
    said = out.getvalue()
    assert (settings.prompts / "uk" / "silence.wav").exists()
    assert said.count("en/silence.wav") == 1
    assert "en/choose-uk.mp3" in said
    assert "en/choose-en.mp3" in said
    assert "nobody asks for it" in said
    assert "3 to mend" in said


def test_without_a_synthesizer_one_sentence_says_what_to_install(settings: Settings) -> None:
    without = settings.model_copy(update={"synthesizer": "no-such-voice {out}"})
    (settings.prompts / "uk" / "silence.wav").unlink()
    screen, out = console()
    with pytest.raises(Plain, match=r"uk/silence was not made: .*no-such-voice.*DZVIN_SYNTHESIZER"):
        build_prompts(without, anew=False, console=screen)
    assert "missing; it says: Ми вас не почули." in out.getvalue()


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


# A dialplan's own prompts


@pytest.fixture
def dialplan(tmp_path: Path) -> Path:
    folder = tmp_path / "dialplan"
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "texts.yaml").write_text('news:\n  uk: "Ми вас не почули."\n', encoding="utf-8")
    return folder


def test_a_dialplan_with_own_prompts_gets_the_common_ones_beside_them(
    settings: Settings, dialplan: Path
) -> None:
    screen, out = console()
    assert build_prompts(settings, False, screen, dialplan=dialplan) == 0, out.getvalue()
    made = dialplan / "prompts"
    assert "1 of 1 recordings were made." in out.getvalue()
    assert sorted(path.name for path in (made / "uk").glob("*.wav")) == [
        "choose-uk.wav",
        "news.wav",
        "silence.wav",
    ]
    assert len(list((made / "uk" / "say").iterdir())) == len(all_fragments("uk"))
    assert not (made / "en").exists()
    assert check_prompts(settings, screen, dialplan=dialplan) == 0


def test_built_anew_a_common_prompt_is_copied_and_an_own_one_rendered(
    settings: Settings, dialplan: Path
) -> None:
    screen, _ = console()
    build_prompts(settings, False, screen, dialplan=dialplan)
    for prompt in ("silence", "news"):
        (dialplan / "prompts" / "uk" / f"{prompt}.wav").write_bytes(b"")
    assert check_prompts(settings, screen, dialplan=dialplan) == 1
    assert build_prompts(settings, True, screen, dialplan=dialplan) == 0
    assert (dialplan / "prompts" / "uk" / "silence.wav").read_bytes() == (
        settings.prompts / "uk" / "silence.wav"
    ).read_bytes()


def test_an_own_text_wins_over_the_common_one(settings: Settings, dialplan: Path) -> None:
    texts = dialplan / "prompts" / "texts.yaml"
    texts.write_text('silence:\n  uk: "Ми вас не почули, вибачте."\n', encoding="utf-8")
    screen, out = console()
    check_prompts(settings, screen, dialplan=dialplan)
    assert "Ми вас не почули, вибачте." in out.getvalue()


def test_a_dialplan_without_own_prompts_is_told_so(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Plain, match="has no folder prompts; its prompts are those of"):
        build_prompts(settings, False, dialplan=tmp_path / "nothing")
    with pytest.raises(Plain, match="has no folder prompts"):
        check_prompts(settings, dialplan=tmp_path / "nothing")
