"""What an admin decides about queues and operators, frozen. Durations in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.core.words import Cause, OperatorId, QueueId
from acd.core.work import CallBackRules, WorkRules


@dataclass(frozen=True, slots=True)
class Relaxation:
    """After the call waited `after_for` seconds, `level` is enough; level 0 drops the need."""

    after_for: float
    level: int


@dataclass(frozen=True, slots=True)
class Need:
    """A skill that the operator must have, at `level` (1 to 10) or above, relaxing with the wait."""

    skill: str
    level: int = 1
    relaxations: tuple[Relaxation, ...] = ()
    """In order of growing `after_for`."""


@dataclass(frozen=True, slots=True)
class MissRule:
    """What follows for an operator after an offer failed; the call keeps its place in any case."""

    set_aside_for: float
    """No offers to this operator for so long."""
    break_after: int | None = None
    """So many failures of this cause in a row put the operator on a break with the reason 'missed calls'."""


DEFAULT_MISS_RULES: Mapping[Cause, MissRule] = {
    Cause.NO_ANSWER: MissRule(set_aside_for=30.0, break_after=2),
    Cause.BUSY: MissRule(set_aside_for=10.0),
    Cause.REJECTED: MissRule(set_aside_for=15.0, break_after=3),
    Cause.UNREACHABLE: MissRule(set_aside_for=5.0),
    Cause.LEG_LOST: MissRule(set_aside_for=3.0, break_after=5),
    Cause.SWITCH_ERROR: MissRule(set_aside_for=1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    id: QueueId
    name: str
    needs: tuple[Need, ...] = ()
    priority: int = 0
    """A call with a higher number goes first; a call may bring a priority of its own."""
    ring_for: float = 12.0
    wrap_up_for: float = 10.0
    """0: none."""
    max_waiting: int | None = None
    """Calls waiting at once; the next one leaves with QUEUE_FULL."""
    max_wait_for: float | None = None
    leave_if_nobody_logged_in: bool = True
    nobody_grace_for: float = 0.0
    """So long after the last operator logged out (or broke off all phones), waiting calls leave."""
    answer_within: float = 20.0
    """T of the service level."""
    short_abandon_for: float = 5.0
    """S of the service level: a caller who hangs up sooner is not counted as abandoned."""
    keep_place_for: float = 180.0
    """A caller whose line dropped and who calls again within this time gets the place back. 0: never."""
    last_operator_for: float = 0.0
    """A caller who talked to an operator within this time is offered to the same one first. 0: never."""
    wait_for_last_operator_for: float = 0.0
    """A call waits so long for its last operator while that one is busy, before anybody may take it."""
    miss_rules: Mapping[Cause, MissRule] = field(default_factory=lambda: DEFAULT_MISS_RULES)
    call_back: CallBackRules = field(default_factory=CallBackRules)
    """How call-backs promised for this queue are made."""
    work: WorkRules = field(default_factory=WorkRules)
    """How voicemail of this queue, and call-backs that an operator has to decide about, are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSettings:
    id: OperatorId
    name: str
    phone: str
    """Name of the phone at the switch, for instance a PJSIP endpoint."""
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: frozenset[QueueId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterSettings:
    queues: Mapping[QueueId, QueueSettings]
    operators: Mapping[OperatorId, OperatorSettings]
    break_reasons: tuple[str, ...] = ("lunch", "pause")
    talk_within: float = 3.0
    """The promise: a free fitting operator and a waiting caller talk within so many seconds."""
    idle_pair_for: float = 1.0
    """A free fitting operator beside a waiting caller for longer than this is an alarm."""
