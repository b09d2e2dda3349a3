"""A scenario as it is played: checked against its dialplan, every part with its place in the file."""

from dataclasses import dataclass, field

from ivr.dialplan.fields import Group
from ivr.dialplan.problems import Spot
from ivr.dialplan.tree import Node, spot_of
from ivr.flow.hearing import Miss
from ivr.rehearsal.schema import ScenarioGroup


class HangUp(Group):
    """The caller hangs up."""


class Unheard(Group):
    """What the caller says is not heard as words."""

    miss: Miss


@dataclass(frozen=True, slots=True)
class Doing:
    """One step of a scenario: a group of `ivr.rehearsal.schema.STEPS`, HangUp or Unheard."""

    group: Group
    node: Node

    def spot(self, *path: str | int) -> Spot:
        return spot_of(self.node, path)


@dataclass(frozen=True, slots=True)
class Scenario:
    id: str
    group: ScenarioGroup
    doings: tuple[Doing, ...]
    key_spot: Spot
    node: Node = field(repr=False)

    def spot(self, *path: str | int, at_key: bool = False) -> Spot:
        return spot_of(self.node, path, at_key=at_key)
