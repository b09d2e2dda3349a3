"""A scenario as it is played: checked against its dialplan, every part with its place in the file."""

from dataclasses import dataclass, field

from ivr.dialplan.fields import Group
from ivr.dialplan.problems import Spot
from ivr.dialplan.tree import ListNode, MapNode, Node, spot_of
from ivr.flow.hearing import Miss
from ivr.rehearsal.schema import ScenarioGroup


class HangUp(Group):
    """The caller hangs up."""


class RecordingFails(Group):
    """What the caller says into a message is lost."""


class Unheard(Group):
    """What the caller says is not heard as words."""

    miss: Miss


@dataclass(frozen=True, slots=True)
class Doing:
    """One step of a scenario: a group of `ivr.rehearsal.schema.STEPS`, or one of those above."""

    group: Group
    node: Node

    def spot(self, *path: str | int) -> Spot:
        return spot_of(self.node, path)

    def is_empty(self, key: str) -> bool:
        """Whether a group with nothing in it is written under this key."""
        match self.node:
            case MapNode(entries=entries):
                node = entries[key].node if key in entries else None
                return isinstance(node, MapNode) and not node.entries
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Scenario:
    id: str
    group: ScenarioGroup
    doings: tuple[Doing, ...]
    key_spot: Spot
    node: Node = field(repr=False)

    def spot(self, *path: str | int, at_key: bool = False) -> Spot:
        return spot_of(self.node, path, at_key=at_key)

    def answer(self, section: str, name: str, place: int) -> tuple[str | int, ...]:
        """The path of one of several answers; one alone may be written without brackets."""
        node: Node = self.node
        for key in (section, name):
            if isinstance(node, MapNode) and key in node.entries:
                node = node.entries[key].node
        return (section, name, place) if isinstance(node, ListNode) else (section, name)
