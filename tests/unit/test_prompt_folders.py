"""A dialplan's own prompts before the common ones; a text without a recording is a doubt, no mistake."""

from pathlib import Path

import pytest

from ivr.config import Settings, load_settings
from ivr.dialplan import DialplanErrors, load
from ivr.dialplan.recordings import spoken_by_itself
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts, prompt_folders, read_texts, recordings_of
from ivr.vocabulary import problems_of
from tests.dialplan_samples import SMALL, write

OWN = """\
hello: { uk: "Вітаємо.", en: "Hello." }
choose: { spoken: en, text: "Press one." }
news: { uk: "Новини." }
"""


def settings_with_common_prompts(folder: Path) -> Settings:
    for language in ("uk", "en"):
        (folder / language).mkdir(parents=True)
        for prompt in (*spoken_by_itself(), "closed"):
            (folder / language / f"{prompt}.wav").touch()
    return load_settings(prompts=folder, speech_models=str(folder / "no-models"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_with_common_prompts(tmp_path / "common")


@pytest.fixture
def dialplan(tmp_path: Path) -> Path:
    folder = write(tmp_path / "d", SMALL)
    (folder / "prompts").mkdir()
    (folder / "prompts" / "texts.yaml").write_text(OWN, encoding="utf-8")
    return folder


def messages(folder: Path, settings: Settings) -> list[str]:
    return [
        str(problem).replace(f"{folder}/", "").replace(str(folder), "FOLDER")
        for problem in problems_of(folder, settings)
    ]


def test_without_a_folder_of_its_own_the_common_prompts_count(tmp_path: Path, settings: Settings) -> None:
    folder = write(tmp_path / "d", SMALL)
    assert prompt_folders(folder, settings) == (settings.prompts,)
    assert messages(folder, settings)[0] == (
        "menus.yaml:3:12: the prompt 'hello' is not recorded in uk, en; record common/uk/hello.wav"
    )


def test_a_missing_text_is_a_mistake_and_hides_the_doubts(dialplan: Path, settings: Settings) -> None:
    assert messages(dialplan, settings) == [
        "menus.yaml:6:17: the prompt 'news' is not recorded in en; record prompts/en/news.wav"
    ]


def test_a_text_without_a_recording_is_a_doubt(dialplan: Path, settings: Settings) -> None:
    (dialplan / "prompts" / "en").mkdir()
    for prompt in ("news", "hello"):
        (dialplan / "prompts" / "en" / f"{prompt}.wav").touch()
    assert messages(dialplan, settings) == [
        "menus.yaml:3:12: warning: the prompt 'hello' has a text but is not recorded in uk;"
        " render it: dzvin prompts build FOLDER",
        "menus.yaml:3:19: warning: the prompt 'choose' has a text but is not recorded in uk, en;"
        " render it: dzvin prompts build FOLDER",
        "menus.yaml:6:17: warning: the prompt 'news' has a text but is not recorded in uk;"
        " render it: dzvin prompts build FOLDER",
    ]


def test_a_server_refuses_what_is_not_recorded(dialplan: Path, settings: Settings) -> None:
    with pytest.raises(DialplanErrors, match="the prompt 'hello' is not recorded in uk, en"):
        load(dialplan, dialplan / "prompts")


def test_the_first_folder_counts(dialplan: Path, settings: Settings) -> None:
    assert recordings_of(dialplan, settings).folders == (dialplan / "prompts", settings.prompts)


@pytest.mark.parametrize("text", ["[", "- a\n", "", "hello: x\n"])
def test_texts_that_cannot_be_read_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "texts.yaml").write_text(text, encoding="utf-8")
    assert read_texts(tmp_path) == {}


def test_what_is_said_is_read_from_the_own_prompts_first(dialplan: Path, tmp_path: Path) -> None:
    common = tmp_path / "texts"
    common.mkdir()
    (common / "texts.yaml").write_text('hello: { uk: "Агов." }\nbye: { uk: "Бувайте." }\n', encoding="utf-8")
    book = PromptBook(common, ("uk", "en"), own=own_prompts(dialplan))
    assert [book.words(prompt, "uk") for prompt in ("hello", "bye", "choose")] == [
        "Вітаємо.",
        "Бувайте.",
        "Press one.",
    ]
    assert own_prompts(tmp_path) is None
    assert PromptBook(common, ("uk",), own=own_prompts(tmp_path)).words("hello", "uk") == "Агов."
