"""The five contact centres of dialplans/examples, read once."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from ivr.dialplan import load
from ivr.dialplan.loader import Loaded
from ivr.flow.conditions import parts_of
from ivr.flow.model import Choose, Dialplan, Rule

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "dialplans" / "examples"
NAMES = ("ukrposhta", "nova-poshta", "kyiv-energy", "rosseti-siberia", "lenta")
T = TypeVar("T")


@cache
def example(name: str) -> Loaded:
    return load(EXAMPLES / name)


def plan(name: str) -> Dialplan:
    return example(name).dialplan


def at(name: str, moment: str) -> datetime:
    """By the clock of the centre."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(example(name).time_zone))


def steps_of(name: str, kind: type[T]) -> list[T]:
    return [one for one in plan(name).steps.values() if isinstance(one, kind)]


def conditions_rules(name: str, kind: type[T]) -> Iterator[Rule]:
    """Rules with a condition of this kind."""
    for choose in steps_of(name, Choose):
        for rule in choose.rules:
            if any(isinstance(part, kind) for part in parts_of(rule.condition)):
                yield rule


def conditions_of(name: str, kind: type[T]) -> Iterator[T]:
    for choose in steps_of(name, Choose):
        for rule in choose.rules:
            yield from (part for part in parts_of(rule.condition) if isinstance(part, kind))
