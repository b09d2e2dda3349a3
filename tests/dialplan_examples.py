"""The five contact centres of dialplans/examples, read once."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from ivr.dialplan import load
from ivr.dialplan.loader import Loaded
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
    """Rules whose condition is of this kind."""
    for choose in steps_of(name, Choose):
        yield from (rule for rule in choose.rules if isinstance(rule.condition, kind))


def conditions_of(name: str, kind: type[T]) -> Iterator[T]:
    for choose in steps_of(name, Choose):
        yield from (rule.condition for rule in choose.rules if isinstance(rule.condition, kind))
