"""Facts as JSON-ready dicts."""

import dataclasses
import typing
from typing import Any

from acd.core import facts
from acd.core.facts import Fact
from acd.core.settings import Need, Relaxation
from acd.core.words import Cause, Ended, LeaveReason

_KINDS = {kind.__name__: kind for kind in typing.get_args(Fact)}
_ENUMS = {"cause": Cause, "by": Ended, "reason": LeaveReason}


def fact_to_json(fact: Fact) -> dict[str, Any]:
    return {"kind": type(fact).__name__, **dataclasses.asdict(fact)}


def fact_from_json(data: dict[str, Any]) -> Fact:
    values = dict(data)
    kind = _KINDS[values.pop("kind")]
    if kind is facts.CallEntered:
        values["needs"] = tuple(
            Need(n["skill"], n["level"], tuple(Relaxation(**r) for r in n["relaxations"]))
            for n in values["needs"]
        )
    hints = typing.get_type_hints(kind)
    for name, hint in hints.items():
        if hint in (Cause, Ended, LeaveReason):
            values[name] = hint(values[name])
    return typing.cast(Fact, kind(**values))
