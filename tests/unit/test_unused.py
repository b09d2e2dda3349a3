"""Prompts that no step names are told, those of the system are not."""

from pathlib import Path

from ivr.config import load_settings
from ivr.dialplan import load
from ivr.unused import unused_prompts
from tests.dialplan_samples import SMALL, write


def test_only_what_nobody_names_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", SMALL)
    for language in ("uk", "en"):
        (tmp_path / "prompts" / language / "say").mkdir(parents=True)
        for prompt in ("hello", "news", "goodbye", "op-ready", "position-1", "left-over", "say/n-5"):
            (tmp_path / "prompts" / language / f"{prompt}.wav").touch()
    (tmp_path / "prompts" / "texts.yaml").write_text("written-only: { uk: Текст, en: Text }\n")
    settings = load_settings(prompts=tmp_path / "prompts")
    assert unused_prompts(folder, load(folder), settings) == ["left-over", "written-only"]


def test_a_dialplan_with_prompts_of_its_own_is_asked_for_those(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", SMALL)
    (folder / "prompts").mkdir()
    (folder / "prompts" / "texts.yaml").write_text("hello: { uk: Вітаємо }\nold: { uk: Старе }\n")
    settings = load_settings(prompts=tmp_path / "none")
    assert unused_prompts(folder, load(folder), settings) == ["old"]
