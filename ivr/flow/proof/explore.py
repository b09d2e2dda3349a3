"""The states of a dialogue and the ways between them, as the interpreter itself makes them.

A state is what the dialogue waits for (`Control`) with the counters of the call. The interpreter only asks of
a counter whether one more reaches its limit, so it runs twice for each input that raises one, not once for
each count. The steps walked are left out, a way tells how many it adds: that is exact as long as the limit
of steps is not met; `ways_counted` takes it in.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from ivr.flow import inputs, walk
from ivr.flow.actions import Action, Ask, CallHook, EnterQueue, Play, Transfer
from ivr.flow.inputs import Input
from ivr.flow.model import Dialplan, Limits, OtherLine
from ivr.flow.proof.moves import possible, seconds_of, values_of
from ivr.flow.proof.parts import CallerKind, Length
from ivr.flow.proof.reach import names_from
from ivr.flow.proof.worlds import Moment, centre_of
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


Counts = tuple[int, int, int, int]
"""Silences, wrong keys, misheard, faults of the recogniser."""
NONE: Counts = (0, 0, 0, 0)
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
    limits: Counts
    ways: "dict[Hashable, Sequence[Way]]" = field(default_factory=dict)
    asks_hours: bool = False

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
    rise: Counts
    waited: float
    """Seconds from the end of the former prompts."""
    said: tuple[tuple[Said, float], ...]
    said_for: float
    steps: int
    """Walked."""
    trace: tuple[str, ...]
    at_limit: bool
    """The limit of steps was met."""

    @property
    def seconds(self) -> float:
        return self.waited + self.said_for

    def after(self, counts: Counts) -> Counts:
        """Once the last chance is taken any miss ends the call, however many there were before."""
        allowed = self.control.limits[3]
        faults = min(allowed, counts[3] + self.rise[3])
        if self.control.session.last_chance:
            return (0, 0, 0, faults)
        rise = self.rise
        return (counts[0] + rise[0], counts[1] + rise[1], counts[2] + rise[2], faults)


class Explorer:
    """All states of a dialplan that were met."""

    def __init__(self, dialplan: Dialplan, length: Length) -> None:
        self.dialplan = dialplan
        self.controls: dict[Hashable, Control] = {}
        self.fewest_steps = min((line.limits.steps for line in dialplan.lines.values()), default=0)
        self._centre = centre_of(dialplan)
        self._values = values_of(dialplan)
        self._passes_on = _lines_that_pass_on(dialplan)
        self._length = length
        self._lengths: dict[tuple[str, Said], float] = {}
        self._tellable: dict[Hashable, dict[CallerKind, list[Input]]] = {}

    def begin(self, session: Session, moment: Moment) -> Sequence[Way]:
        """The ways from a fresh session."""
        return self._distinct(self._run(session, None, 0.0, inputs.Started(), moment))

    def ways(self, control: Control, counts: Counts, moment: Moment, caller: CallerKind) -> Sequence[Way]:
        """What this kind of caller and the world can do, the limit of steps aside."""
        flags = _flags(control, counts)
        for timed in (None, moment):
            if (found := control.ways.get((caller, flags, timed))) is not None:
                return found
        found = gives(caller, control, self._distinct(self._all(control, flags, moment, caller)))
        control.ways[caller, flags, moment if control.asks_hours else None] = found
        return found

    def ways_counted(
        self, control: Control, counts: Counts, steps: int, moment: Moment, caller: CallerKind
    ) -> Sequence[Way]:
        """As `ways` of a call that has walked `steps`: the limit counts."""
        plain = self.ways(control, counts, moment, caller)
        free = self.fewest_steps + (walk.GRACE_STEPS if control.session.last_chance else 0)
        if all(steps + way.steps <= free and not way.at_limit for way in plain):
            return plain
        session = replace(_with_counts(control.session, counts), steps=steps)
        ways = [
            way
            for given in self._inputs(control, moment, caller)
            for way in self._run(session, control.action, control.said_for, given, moment)
        ]
        return gives(caller, control, self._distinct(ways))

    def _all(self, control: Control, flags: Flags, moment: Moment, caller: CallerKind) -> list[Way]:
        ways: list[Way] = []
        for given in self._inputs(control, moment, caller):
            low = self._raised(control, (False,) * 4, given, moment)
            over = tuple(flag and any(way.rise[number] for way in low) for number, flag in enumerate(flags))
            ways += self._raised(control, over, given, moment) if any(over) else low
        return ways

    def _raised(
        self, control: Control, over: tuple[bool, ...], given: Input, moment: Moment
    ) -> Sequence[Way]:
        """With the counters at zero, but just below their limits where `over` says so."""
        for timed in (None, moment):
            if (found := control.ways.get((id(given), over, timed))) is not None:
                return found
        low = _counts(control.session)
        counts = [
            max(count, limit - 1) if at else count
            for count, limit, at in zip(low, control.limits, over, strict=True)
        ]
        session = _with_counts(control.session, counts)
        self._centre.hours.asked.clear()
        found = self._run(session, control.action, control.said_for, given, moment)
        asks_hours = bool(self._centre.hours.asked)
        control.asks_hours = control.asks_hours or asks_hours
        control.ways[id(given), over, moment if asks_hours else None] = found
        return found

    def _inputs(self, control: Control, moment: Moment, caller: CallerKind) -> list[Input]:
        """Those that can be told apart and that this kind of caller may give. The first state of its kind
        shows which ones."""
        session, action = control.session, control.action
        listens = isinstance(action, Ask) and action.listen is not None
        kind = (
            session.line, session.language, session.step, type(session.state), listens, moment.at.date(),
            session.state.value if isinstance(session.state, Confirming) else None,
        )  # fmt: skip
        if kind not in self._tellable:
            self._tellable[kind] = self._tell_apart(control, moment)
        return self._tellable[kind][caller]

    def _tell_apart(self, control: Control, moment: Moment) -> dict[CallerKind, list[Input]]:
        found: dict[Hashable, Way] = {}
        for given in possible(self.dialplan, self._values, control.session, control.action, moment.at):
            for way in self._run(control.session, control.action, control.said_for, given, moment):
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

    def _run(
        self, session: Session, action: Action | None, said_for: float, given: Input, moment: Moment
    ) -> list[Way]:
        waited = seconds_of(action, said_for, given)
        done = self._centre.every_step(session, given, moment.at)
        return [self._way(session, given, waited, one) for one in done]

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
            waited=waited,
            said=said,
            said_for=said_for,
            steps=done.session.steps - session.steps,
            trace=done.trace,
            at_limit=any(edge.endswith("/step-limit") for edge in done.trace),
        )

    def _control(self, session: Session, action: Action | None, said_for: float) -> Control:
        heeded = {name: text for name, text in session.values.items() if name in self._values.heeded}
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


def _counts(session: Session) -> Counts:
    return (session.silences, session.wrong_keys, session.misheard, session.speech_faults)


def _with_counts(session: Session, counts: Sequence[int]) -> Session:
    silences, wrong_keys, misheard, faults = counts
    return replace(session, silences=silences, wrong_keys=wrong_keys, misheard=misheard, speech_faults=faults)


def _flags(control: Control, counts: Counts) -> Flags:
    limits = control.limits
    return (
        counts[0] + 1 >= limits[0],
        counts[1] + 1 >= limits[1],
        counts[2] + 1 >= limits[2],
        counts[3] + 1 >= limits[3],
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


def _meaning(before: Session, given: Input, rise: Counts) -> Meaning:
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
