"""The words of rules, by which a dialplan goes one way or another."""

from typing import Annotated

from pydantic import Field

from ivr.dialplan.fields import Group, Id, Language, Patterns, Texts
from ivr.dialplan.schema import WaitTime


class RuleGroup(Group):
    """What must hold, all of it if there are several conditions, and where it leads."""

    caller: Patterns | None = None
    """the caller's number fits one of these patterns. Left out: not asked"""
    value: Id | None = None
    """the value of this name is one of the texts `is`, or a whole number `from`–`to`; one of the two may be
    left out. Left out: not asked"""
    is_: Annotated[Texts | None, Field(alias="is")] = None
    """texts that `value` may be. Left out: not asked"""
    from_: Annotated[int | None, Field(alias="from", ge=0)] = None
    """a whole number from this one on. Left out: any"""
    to: Annotated[int | None, Field(ge=0)] = None
    """a whole number up to this one. Left out: any"""
    hours: Id | None = None
    """it is open. Left out: not asked"""
    waiting: Id | None = None
    """more callers than `more-than` wait in this queue. Left out: not asked"""
    more_than: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """callers in the queue `waiting`. Left out: not asked"""
    wait: Id | None = None
    """the expected wait of this queue is longer than `longer-than`. Left out: not asked"""
    longer_than: WaitTime | None = None
    """time in the queue `wait`. Left out: not asked"""
    nobody_in: Id | None = None
    """no operator of this queue is logged in. Left out: not asked"""
    switch: Id | None = None
    """somebody has switched it on. Left out: not asked"""
    language: Language | None = None
    """the caller hears this language. Left out: not asked"""
    share: Annotated[int, Field(ge=1, le=100)] | None = None
    """the call is among so many of a hundred, by chance; several shares of one step add up. Left out: not
    asked
    """
    then: Id
    """the step if it holds"""

    @property
    def kinds(self) -> list[str]:
        """The conditions that are given, as keys."""
        return [kind for kind in CONDITIONS if getattr(self, kind.replace("-", "_")) is not None]


CONDITIONS: dict[str, frozenset[str]] = {
    "caller": frozenset(),
    "value": frozenset({"is", "from", "to"}),
    "hours": frozenset(),
    "waiting": frozenset({"more-than"}),
    "wait": frozenset({"longer-than"}),
    "nobody-in": frozenset(),
    "switch": frozenset(),
    "language": frozenset(),
    "share": frozenset(),
}
"""What a rule may ask for, and the keys that go with it."""
