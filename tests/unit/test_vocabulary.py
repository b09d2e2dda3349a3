"""Phrases that a speech model does not know are told with their place."""

from pathlib import Path

from ivr.config import load_settings
from ivr.dialplan import load
from ivr.speech.models import Models, SpeechModel
from ivr.vocabulary import problems_of, unknown_phrases
from tests.dialplan_samples import changed, write

MENU = '    keys: { 1: ask, 2: news, "*": main-menu }\n'
FILES = changed(
    "menus.yaml",
    MENU,
    MENU + "    phrases:\n      news: { uk: [новини, щось нове], en: [news, breaking news] }\n",
)


def model(language: str, *words: str) -> SpeechModel:
    return SpeechModel(
        language=language, folder=Path("m"), words=frozenset(words), knows_unknown=True, odd={}
    )


def test_every_phrase_with_an_unknown_word_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", FILES)
    models = Models(usable={"uk": model("uk", "новини", "нове")}, problems={"en": "there is none"})
    assert [str(problem).replace(f"{folder}/", "") for problem in unknown_phrases(load(folder), models)] == [
        "menus.yaml:6:28: warning: the speech model for uk does not know 'щось', so 'щось нове' is never"
        " understood; choose other words"
    ]


def test_without_models_there_is_nothing_to_tell(tmp_path: Path) -> None:
    settings = load_settings(prompts=tmp_path / "none", speech_models=str(tmp_path / "models"))
    folder = write(tmp_path / "d", FILES)
    assert unknown_phrases(load(folder), Models(usable={}, problems={})) == []
    assert all(problem.severity == "error" for problem in problems_of(folder, settings))
