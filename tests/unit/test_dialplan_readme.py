"""The reference is true: its examples load together, and it names every key of the language."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.dialplan import check, load, schema, schema_rules, schema_steps, schema_work
from ivr.dialplan.draft import STEPS
from tests.dialplan_samples import Files, write

README = (Path(__file__).resolve().parents[2] / "dialplans" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
REST = """
lines:
  business: { name: Business, numbers: [200], start: ask }
"""
"""What the examples point at and do not show."""


def test_the_examples_are_one_dialplan(tmp_path: Path) -> None:
    files: Files = {f"{number}.yaml": text for number, text in enumerate(EXAMPLES)}
    loaded = load(write(tmp_path, {**files, "rest.yaml": REST}))
    assert loaded.warnings == ()
    assert len(EXAMPLES) == 9
    assert set(loaded.dialplan.lines) == {"main", "business"}
    assert len(loaded.dialplan.steps) == 19


GROUPS = [
    member
    for module in (schema, schema_rules, schema_steps, schema_work)
    for member in vars(module).values()
    if isinstance(member, type) and issubclass(member, BaseModel) and member.__module__ == module.__name__
]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_key_is_in_the_reference(group: type[BaseModel]) -> None:
    missing = [key for key in keys_of(group) if not re.search(rf"`{re.escape(key)}`", README)]
    assert missing == []


def keys_of(group: type[BaseModel]) -> list[str]:
    examples_show = {"relax", "after", "level"}  # in `skills`, explained by their example
    return [
        key for name, field in group.model_fields.items() if (key := field.alias or name) not in examples_show
    ]


def test_every_kind_of_step_and_phone_is_in_the_reference() -> None:
    kinds: Any = schema.PhoneKind
    for word in (*STEPS, *kinds.__args__):
        assert f"`{word}`" in README


def test_the_message_in_the_first_change_is_what_would_be_said(tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[2] / "dialplans"
    files: Files = {path.name: path.read_bytes() for path in shipped.glob("*.yaml")}
    menus = files["menus.yaml"]
    assert isinstance(menus, bytes)
    files["menus.yaml"] = menus.replace(
        b"      3: services-menu\n", b"      3: services-menu\n      4: newz\n", 1
    ).replace(b"\n  tracking-menu:\n", b"\n  news: { play: news, then: main-menu }\n\n  tracking-menu:\n", 1)
    problems = check(write(tmp_path / "dialplans", files))
    told = [str(problem).replace(f"{tmp_path}/", "") for problem in problems]
    assert told == [re.findall(r"```text\n(.*?)\n```", README)[0]]
