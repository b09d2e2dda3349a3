"""The states of a dialogue and the ways between them, as the interpreter itself makes them.

A state is what the dialogue waits for (`Control`) with the counters of the call. The interpreter only asks of
a counter whether one more reaches its limit, so it runs twice for each input that raises one, not once for
each count. The steps walked are left out, a way tells how many it adds: that is exact as long as the limit
of steps is not met; `ways_counted` takes it in.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from itertools import takewhile

from ivr.flow import inputs, walk
from ivr.flow.actions import Action, Ask, CallHook, EnterQueue, Play, Transfer
from ivr.flow.inputs import Input
from ivr.flow.model import Dialplan, Hook, Limits, OtherLine, Question, SetValues
from ivr.flow.proof.moves import possible, seconds_of
from ivr.flow.proof.parts import CallerKind, Length
from ivr.flow.proof.reach import names_from
from ivr.flow.proof.values import values_of
from ivr.flow.proof.worlds import centre_of
from ivr.flow.said import Said
from ivr.flow.session import Session, Step
from ivr.flow.states import Asking, Confirming, Ended


class Meaning(Enum):
    """What an answer means for the caller who gives it."""

    WORLD = auto()
    """Not the caller's: a queue, a transfer, a web service, the end of a prompt."""
    MISS = auto()
    """It leads nowhere: one of the call's counters rises."""
    RIGHT = auto()


Each = tuple[int, int, int, int]
"""Silences, wrong keys, misheard, faults of the recogniser."""
Counts = int
"""The same four in one number, 16 bits each: counting up is one addition."""
NONE: Counts = 0
_FAULTS = 0xFFFF << 48
Flags = tuple[bool, bool, bool, bool]
"""Whether one more of it reaches the limit."""


@dataclass(eq=False, slots=True)
class Control:
    """What the dialogue waits for. The same is the same object."""

    session: Session
    """Without counters and steps."""
    action: Action | None
    """None: the dialogue is over."""
    said_for: float
    """Seconds of the prompts of `action`, where they follow from the state."""
    limits: Each
    flags: "dict[Counts, Flags]" = field(default_factory=dict)
    ways: "dict[Hashable, Sequence[Way]]" = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return isinstance(self.session.state, Ended)

    @property
    def helps(self) -> bool:
        return isinstance(self.action, EnterQueue | Transfer) or self.ended


State = tuple[Control, Counts, int]
"""With the steps walked; 0 where they are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """From one state to the next by an input."""

    given: Input
    meaning: Meaning
    control: Control
    rise: Each
    added: Counts
    """`rise` in one number."""
    waited: float
    """Seconds from the end of the former prompts."""
    said: tuple[tuple[Said, float], ...]
    said_for: float
    steps: int
    """Walked."""
    trace: tuple[str, ...]
    at_limit: bool
    """The limit of steps was met."""

    seconds: float
    """`waited` and `said_for`."""

    def after(self, counts: Counts) -> Counts:
        """Once the last chance is taken any miss ends the call, however many there were before."""
        added = counts + self.added
        return added & _FAULTS if self.control.session.last_chance else added


class Explorer:
    """All states of a dialplan that were met."""

    def __init__(self, dialplan: Dialplan, length: Length, now: datetime) -> None:
        self.dialplan = dialplan
        self.controls: dict[Hashable, Control] = {}
        self.fewest_steps = min((line.limits.steps for line in dialplan.lines.values()), default=0)
        self._centre = centre_of(dialplan, now)
        self._values = values_of(dialplan)
        self._passes_on = _lines_that_pass_on(dialplan)
        self._length = length
        self._now = now
        self._lengths: dict[tuple[str, Said], float] = {}
        self._tails: dict[Hashable, tuple[Way, Sequence[Way]]] = {}
        self._tellable: dict[Hashable, dict[CallerKind, list[Input]]] = {}

    def begin(self, session: Session) -> Sequence[Way]:
        """The ways from a fresh session."""
        knowing = replace(session, values=self._values.always)
        return self._distinct(self._run(knowing, None, 0.0, inputs.Started()))

    def ways(self, control: Control, counts: Counts, caller: CallerKind) -> Sequence[Way]:
        """What this kind of caller and the world can do, the limit of steps aside."""
        flags = control.flags.get(counts)
        if flags is None:
            flags = control.flags[counts] = _flags(control, counts)
        found = control.ways.get((caller, flags))
        if found is None:
            found = gives(caller, control, self._distinct(self._all(control, flags, caller)))
            control.ways[caller, flags] = found
        return found

    def ways_counted(self, control: Control, counts: Counts, steps: int, caller: CallerKind) -> Sequence[Way]:
        """As `ways` of a call that has walked `steps`: the limit counts."""
        plain = self.ways(control, counts, caller)
        free = self.fewest_steps + (walk.GRACE_STEPS if control.session.last_chance else 0)
        if all(steps + way.steps <= free and not way.at_limit for way in plain):
            return plain
        session = replace(_with_counts(control.session, _each(counts)), steps=steps)
        ways = [
            way
            for given in self._inputs(control, caller)
            for way in self._run(session, control.action, control.said_for, given)
        ]
        return gives(caller, control, self._distinct(ways))

    def _all(self, control: Control, flags: Flags, caller: CallerKind) -> list[Way]:
        ways: list[Way] = []
        for given in self._inputs(control, caller):
            low = self._raised(control, (False,) * 4, given)
            over = tuple(flag and any(way.rise[number] for way in low) for number, flag in enumerate(flags))
            ways += self._raised(control, over, given) if any(over) else low
        return ways

    def _raised(self, control: Control, over: tuple[bool, ...], given: Input) -> Sequence[Way]:
        """With the counters at zero, but just below their limits where `over` says so."""
        key = (id(given), over)
        if key not in control.ways:
            low = _counts(control.session)
            counts = [
                max(count, limit - 1) if at else count
                for count, limit, at in zip(low, control.limits, over, strict=True)
            ]
            session = _with_counts(control.session, counts)
            control.ways[key] = self._run(session, control.action, control.said_for, given)
        return control.ways[key]

    def _inputs(self, control: Control, caller: CallerKind) -> list[Input]:
        """Those that can be told apart and that this kind of caller may give. The first state of its kind
        shows which ones."""
        session, action = control.session, control.action
        listens = isinstance(action, Ask) and action.listen is not None
        kind = (
            session.line, session.language, session.step, type(session.state), listens,
            session.state.value if isinstance(session.state, Confirming) else None,
        )  # fmt: skip
        if kind not in self._tellable:
            self._tellable[kind] = self._tell_apart(control)
        return self._tellable[kind][caller]

    def _tell_apart(self, control: Control) -> dict[CallerKind, list[Input]]:
        found: dict[Hashable, Way] = {}
        for given in possible(self.dialplan, self._values, control.session, control.action, self._now):
            for way in self._run(control.session, control.action, control.said_for, given):
                alike = (way.control, way.rise, way.steps, way.waited, way.trace, _manner(given))
                found.setdefault(alike, way)
        ways = list(found.values())
        return {
            caller: list({id(way.given): way.given for way in gives(caller, control, ways)}.values())
            for caller in CallerKind
        }

    def _distinct(self, ways: Iterable[Way]) -> Sequence[Way]:
        """Of ways that lead to the same, the longest."""
        found: dict[Hashable, Way] = {}
        for way in ways:
            alike = (way.control, way.rise, way.meaning, way.at_limit, way.steps, _manner(way.given))
            if alike not in found or way.seconds > found[alike].seconds:
                found[alike] = way
        return list(found.values())

    def _run(self, session: Session, action: Action | None, said_for: float, given: Input) -> Sequence[Way]:
        waited = seconds_of(action, said_for, given)
        done, certain = self._centre.first_step(session, given)
        first = self._way(session, given, waited, done)
        if certain:
            return [first]
        key = self._tail_key(session, first, done)
        if key is None or key not in self._tails:
            every = self._centre.every_step(session, given)
            ways = self._distinct(self._way(session, given, waited, one) for one in every)
            if key is not None:
                self._tails[key] = (first, ways)
            return ways
        return _with_tails(first, *self._tails[key])

    def _tail_key(self, session: Session, first: Way, done: Step) -> Hashable | None:
        """Of what follows behind the first step that is come to: it is the same whoever comes there, and
        how; but an answer or a web service may have changed values before. None: not known to be the same."""
        if session.steps or not done.entered:
            return None
        values = tuple(sorted(self._values.heeded(session.values).items()))
        return (
            session.line, session.language, values, session.last_chance, session.language_known,
            done.entered, first.control, first.steps, first.at_limit,
            self._may_have_changed(session, done)
            and (session.step, repr(first.given), getattr(session.state, "value", None)),
        )  # fmt: skip

    def _may_have_changed(self, session: Session, done: Step) -> bool:
        """Whether values were perhaps others at the first step that was come to than before."""
        steps = self.dialplan.steps
        sets = done.session.values != session.values or any(
            isinstance(steps.get(name), SetValues) for name in done.entered
        )
        return sets and isinstance(steps.get(session.step), Question | Hook)

    def _way(self, session: Session, given: Input, waited: float, done: Step) -> Way:
        action = done.actions[-1] if done.actions else None
        said = tuple((part, self._seconds(done.session.language, part)) for part in _said(action))
        said_for = sum(seconds for _, seconds in said)
        before, after = _counts(session), _counts(done.session)
        rise = (after[0] - before[0], after[1] - before[1], after[2] - before[2], after[3] - before[3])
        return Way(
            given=given,
            meaning=_meaning(session, given, rise),
            control=self._control(done.session, action, said_for),
            rise=rise,
            added=_counts_of(rise),
            waited=waited,
            said=said,
            said_for=said_for,
            steps=done.session.steps - session.steps,
            trace=done.trace,
            at_limit=any(edge.endswith("/step-limit") for edge in done.trace),
            seconds=waited + said_for,
        )

    def _control(self, session: Session, action: Action | None, said_for: float) -> Control:
        heeded = self._values.heeded(session.values)
        allowed = self.dialplan.hearing.faults_allowed
        tired = session.speech_faults >= allowed
        state = session.state
        if tired and isinstance(state, Asking | Confirming):
            state = replace(state, keys_only=False)  # everything goes by keys anyway
        known = session.language_known and session.line in self._passes_on
        key = (
            session.line, session.language, state, session.last_chance, known, tired,
            tuple(sorted(heeded.items())),
        )  # fmt: skip
        if key not in self.controls:
            plain = _with_counts(session, (0, 0, 0, allowed if tired else 0))
            line = self.dialplan.lines.get(session.line)
            limits = line.limits if line else Limits()
            counts = (limits.silences, limits.wrong_keys, limits.misheard, allowed)
            over = isinstance(session.state, Ended)
            self.controls[key] = Control(
                replace(plain, state=state, values=heeded, language_known=known, steps=0, lot=0, caller=""),
                None if over else action,
                said_for,
                counts,
            )
        return self.controls[key]

    def _seconds(self, language: str, part: Said) -> float:
        if (language, part) not in self._lengths:
            self._lengths[language, part] = self._length(language, part)
        return self._lengths[language, part]


def _lines_that_pass_on(dialplan: Dialplan) -> set[str]:
    """Lines whose calls may go to another line, where it counts whether the caller's language is known."""
    passing = {step.id for step in dialplan.steps.values() if isinstance(step, OtherLine)}
    return {line.id for line in dialplan.lines.values() if names_from(line, dialplan) & passing}


def _with_tails(first: Way, like: Way, ways: Sequence[Way]) -> Sequence[Way]:
    """What follows from the input of `first`, as it did in `ways` from the one of `like`."""
    traces = [like.trace, *(way.trace for way in ways)]
    shared = sum(1 for _ in takewhile(lambda edges: len(set(edges)) == 1, zip(*traces, strict=False)))
    head = first.trace[: len(first.trace) - (len(like.trace) - shared)]
    return [
        replace(
            way,
            given=first.given,
            meaning=first.meaning,
            rise=first.rise,
            added=first.added,
            waited=first.waited,
            seconds=first.waited + way.said_for,
            trace=head + way.trace[shared:],
        )
        for way in ways
    ]


def _counts(session: Session) -> Each:
    return (session.silences, session.wrong_keys, session.misheard, session.speech_faults)


def _with_counts(session: Session, each: Sequence[int]) -> Session:
    silences, wrong_keys, misheard, faults = each
    return replace(session, silences=silences, wrong_keys=wrong_keys, misheard=misheard, speech_faults=faults)


def _counts_of(each: Each) -> Counts:
    return each[0] | each[1] << 16 | each[2] << 32 | each[3] << 48


def _each(counts: Counts) -> Each:
    return (counts & 0xFFFF, counts >> 16 & 0xFFFF, counts >> 32 & 0xFFFF, counts >> 48)


def _flags(control: Control, counts: Counts) -> Flags:
    limits, each = control.limits, _each(counts)
    return (
        each[0] + 1 >= limits[0],
        each[1] + 1 >= limits[1],
        each[2] + 1 >= limits[2],
        each[3] + 1 >= limits[3],
    )


def _said(action: Action | None) -> tuple[Said, ...]:
    return action.said if isinstance(action, Play | Ask | CallHook) else ()


def _manner(given: Input) -> str:
    """Inputs that a kind of caller has to find again among those that lead to the same."""
    match given:
        case inputs.KeyPressed(key) | inputs.KeysEntered(key) if len(key) == 1:
            return "0" if key == "0" else "key"
        case inputs.Silence():
            return "silence"
        case _:
            return ""


def _meaning(before: Session, given: Input, rise: Each) -> Meaning:
    if not isinstance(before.state, Asking | Confirming) and not isinstance(given, inputs.KeyPressed):
        return Meaning.WORLD
    return Meaning.MISS if any(rise) else Meaning.RIGHT


def gives(caller: CallerKind, control: Control, ways: Sequence[Way]) -> Sequence[Way]:
    """Those of the ways from `control` that this kind of caller takes, with those of the world."""
    if caller is CallerKind.WANDERING:
        return ways
    state = control.session.state
    if not isinstance(state, Asking | Confirming):  # they leave no queue by a key
        return [way for way in ways if way.meaning is Meaning.WORLD]
    own = [way for way in ways if _is_given_by(caller, way, isinstance(state, Asking))]
    return own or [way for way in ways if _is_given_by(CallerKind.SILENT, way, True)]


def _is_given_by(caller: CallerKind, way: Way, first: bool) -> bool:
    """`first`: the question itself is asked, nothing is confirmed yet."""
    missed, manner = way.meaning is Meaning.MISS, _manner(way.given)
    match caller:
        case CallerKind.SILENT:
            return isinstance(way.given, inputs.Silence)
        case CallerKind.WRONG_KEY:
            return missed and bool(manner) and manner != "silence"
        case CallerKind.SEEKING:
            return manner == "0"
        case CallerKind.MIXED:
            return missed or (first and isinstance(way.control.session.state, Confirming))
        case CallerKind.WANDERING:
            return True
