"""The dialogue as a graph: points at which it waits, and ways from one to the next, made on demand.

Every way is a call of the interpreter. A point is a session without what the rest of the call cannot depend
on: the steps walked (`longest` looks at their limit), the caller's number and lot, values that nothing reads
any more, and which of several lines it is that do the same from here on. Of the counters of misses the
interpreter only asks whether the next miss is one too many: counters that answer alike share one result.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ivr.flow import inputs
from ivr.flow.actions import Action, Ask, CallHook
from ivr.flow.inputs import Input
from ivr.flow.model import CallBack, Menu, Question, Voicemail
from ivr.flow.proof.alike import longest_misheard, longest_values, longest_wrong, may_be_refused, plain_state
from ivr.flow.proof.lifted import Lifted
from ivr.flow.proof.moves import answers, helps, outcomes, returns, seconds_of, seeks
from ivr.flow.proof.parts import CallerKind, OverBudget
from ivr.flow.said import Said
from ivr.flow.session import Session, Step
from ivr.flow.states import Ended, Leaving, TypingTime

Seconds = Callable[[Said, str], float]
Counts = tuple[int, int, int]
"""Silences, wrong keys, words that were not understood."""
NONE: Counts = (0, 0, 0)
FULL: Counts = (10**6, 10**6, 10**6)
"""The next miss is one too many, whichever it is."""


@dataclass(slots=True, eq=False)
class Place:
    """Where the dialogue waits for an input, or its end, whatever was missed before."""

    session: Session
    """Without misses."""
    action: Action | None
    """The one that is to be answered; its words were said on the way here. None: hung up."""
    helps: str
    counts: bool
    """Whether misses matter here and later."""
    given: dict[CallerKind, list[Input]] = field(default_factory=dict)
    answered: dict[Input | str, "Answered"] = field(default_factory=dict)
    points: dict[Counts, "Point"] = field(default_factory=dict)
    onwards: "list[Outcome] | None" = None
    most: Counts | None = None
    """Of misses before the limit; None: not looked up yet."""

    @property
    def fresh(self) -> bool:
        """A question that is put for the first time; nothing went wrong with it yet."""
        state = self.session.state
        first = getattr(state, "asked", 0) == getattr(state, "before", 1) == 1
        return isinstance(self.action, Ask) and first and not getattr(state, "keys_only", False)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One thing that an input may lead to."""

    given: Input
    waited: float
    """Seconds from the end of the words before until `given`."""
    said_for: float
    """Seconds of what is said then, with what a web service takes."""
    steps: int
    """Walked."""
    to: Place
    more: Counts
    """Misses."""
    done: Step

    @property
    def miss(self) -> bool:
        """An answer that leads nowhere. A fault of the recogniser is none: it is not the caller's."""
        return self.more != NONE


@dataclass(slots=True, eq=False)
class Answered:
    """What one input leads to, by the misses before. Only an input that raises a counter looks at it."""

    raises: Counts
    by_brink: dict[Counts, list[Outcome]]


@dataclass(slots=True, eq=False)
class Point:
    place: Place
    counts: Counts
    ways: dict[CallerKind, "list[Way]"] = field(default_factory=dict)
    """Those that were asked for already."""


@dataclass(slots=True, eq=False)
class Way:
    outcome: Outcome
    to: Point
    seconds: float
    steps: int


class Graph:
    """`most` points may be looked at. All methods raise OverBudget."""

    def __init__(self, lifted: Lifted, seconds: Seconds, most: int) -> None:
        self.lifted, self._seconds, self._most = lifted, seconds, most
        self.size = 0
        self._places: dict[tuple[object, ...], Place] = {}
        self._lengths: dict[tuple[Said, str], float] = {}
        self._right: dict[Place, list[Way]] = {}
        self._given_by: dict[tuple[object, ...], dict[CallerKind, list[Input]]] = {}

    def begin(self, session: Session) -> Iterator[Way]:
        """A call comes in."""
        session = replace(session, values=self.lifted.always)
        yield from self._ways_of(self._run(session, None, inputs.Started()), NONE)

    def ways(self, point: Point, caller: CallerKind) -> list[Way]:
        """What may come next for such a caller, until somebody helps."""
        if not isinstance(point.place.action, Ask):
            caller = CallerKind.MIXED  # the others have no choice here either
        known = point.ways.get(caller)
        if known is None:
            given = self._given(point.place)[caller]
            known = point.ways[caller] = [
                way
                for one in given
                for way in self._ways_of(self._outcomes(point.place, one, point.counts), point.counts)
                if caller is not CallerKind.WRONG_KEY or _is_wrong_key(way.outcome)
            ]
        return known

    def right_answers(self, fresh: Place) -> list[Way]:
        """Of a fresh place: all that are no misses, the recogniser's faults among them."""
        known = self._right.get(fresh)
        if known is None:
            # what was answered makes no difference to the times from there on
            alike = {
                (way.to, way.outcome.said_for, way.steps, bool(way.outcome.done.entered)): way
                for way in self._right_answers(fresh)
            }
            known = self._right[fresh] = list(alike.values())
        return known

    def _right_answers(self, fresh: Place) -> Iterator[Way]:
        if isinstance(fresh.action, Ask):
            plan, now = self.lifted.dialplan, self.lifted.now
            given = answers(plan, fresh.session, fresh.action, now)
            found = (one for given_one in given for one in self._outcomes(fresh, given_one, NONE))
            right = longest_values(fresh.session, (one for one in found if not one.miss))
            yield from self._ways_of(right, NONE)

    def cut_off(self, fresh: Place, given: Input) -> Iterator[Way]:
        """As if `given` were answered when the limit of steps is just reached."""
        session = replace(fresh.session, steps=self.lifted.limit)
        yield from self._ways_of(self._run(session, fresh.action, given), NONE)

    def returns(self, place: Place) -> Iterator[Way]:
        """A caller who was helped comes back; what they missed before is forgotten."""
        if place.action is not None:
            line = self.lifted.dialplan.lines.get(place.session.line)
            for given in returns(place.action, line):
                yield from self._ways_of(self._outcomes(place, given, NONE), NONE)

    def onwards(self, place: Place) -> list[Outcome]:
        """What may come next for a mixed or a seeking caller, whatever they missed before."""
        given = self._given(place)
        if place.onwards is None:
            every = (*given[CallerKind.MIXED], *given.get(CallerKind.SEEKING, ()))
            found = [one for given_one in every for one in self._outcomes(place, given_one, NONE)]
            if place.counts:
                # one miss too many leads to the same place, whatever it was
                one_of_each = {one.more: one.given for one in found if one.miss}
                for given_one in one_of_each.values():
                    found += self._outcomes(place, given_one, FULL)
            place.onwards = list({one.to: one for one in reversed(found)}.values())
        return place.onwards

    def length(self, said: Said, language: str) -> float:
        known = self._lengths.get((said, language))
        if known is None:
            known = self._lengths[said, language] = self._seconds(said, language)
        return known

    # ---- inputs

    def _given(self, place: Place) -> Mapping[CallerKind, list[Input]]:
        """What callers of each kind give here. What an answer means does not depend on former mistakes."""
        if not place.given:
            if isinstance(place.action, Ask):
                key = _asked_alike(place.session, listens=place.action.listen is not None)
                if key not in self._given_by:
                    self._given_by[key] = self._given_to(place, place.action)
                place.given = self._given_by[key]
            else:
                action = place.action
                found = outcomes(self.lifted.dialplan, place.session, action) if action is not None else ()
                place.given = {CallerKind.MIXED: list(found)}
        return place.given

    def _given_to(self, place: Place, asked: Ask) -> dict[CallerKind, list[Input]]:
        wrong: list[Outcome] = []
        mixed: list[Outcome] = []
        given = answers(self.lifted.dialplan, place.session, asked, self.lifted.now)
        found = (one for given_one in given for one in self._outcomes(place, given_one, NONE))
        for one in longest_values(place.session, found):
            if one.miss:
                (wrong if one.more[1] else mixed).append(one)
            elif may_be_refused(place.session.state, one.to.session.state):
                mixed.append(one)
        step = self.lifted.dialplan.steps.get(place.session.step)
        if isinstance(step, Menu | Question | Voicemail | CallBack):
            mixed = longest_misheard(step.retry, mixed, self._words_in(place.session.language))
        one_key = [one.given for one in longest_wrong(wrong, one_key=True)]
        return {
            CallerKind.SILENT: [inputs.Silence()],
            CallerKind.WRONG_KEY: list(dict.fromkeys(one_key)) or [inputs.Silence()],
            CallerKind.MIXED: list(dict.fromkeys(one.given for one in [*mixed, *longest_wrong(wrong)])),
            CallerKind.SEEKING: [seeks(asked)],
        }

    def _words_in(self, language: str) -> Callable[[Iterable[str]], float]:
        return lambda words: sum(self.length(word, language) for word in words)

    # ---- the interpreter

    def _outcomes(self, place: Place, given: Input, counts: Counts) -> list[Outcome]:
        key = given if isinstance(place.action, Ask) else repr(given)
        known = place.answered.get(key)
        if known is None:
            found = self._run(place.session, place.action, given)
            raises = (
                max((one.more[0] for one in found), default=0),
                max((one.more[1] for one in found), default=0),
                max((one.more[2] for one in found), default=0),
            )
            known = place.answered[key] = Answered(raises, {NONE: found})
        if counts == NONE or known.raises == NONE:
            return known.by_brink[NONE]
        brink = self._brink(place, known.raises, counts)
        found = known.by_brink.get(brink, [])
        if brink not in known.by_brink:
            session = replace(place.session, silences=brink[0], wrong_keys=brink[1], misheard=brink[2])
            found = known.by_brink[brink] = self._run(session, place.action, given)
        return found

    def _brink(self, place: Place, raises: Counts, counts: Counts) -> Counts:
        """One miss before each limit that is looked at and that `counts` are one miss before, else none."""
        most = place.most
        if most is None:
            limits = self.lifted.dialplan.lines[place.session.line].limits
            most = place.most = (limits.silences - 1, limits.wrong_keys - 1, limits.misheard - 1)
        return (
            most[0] if raises[0] and counts[0] >= most[0] else 0,
            most[1] if raises[1] and counts[1] >= most[1] else 0,
            most[2] if raises[2] and counts[2] >= most[2] else 0,
        )

    def _run(self, session: Session, action: Action | None, given: Input) -> list[Outcome]:
        waited = seconds_of(action, given) if action is not None else 0.0
        return [
            Outcome(
                given=given,
                waited=waited,
                said_for=self._said_for(done),
                steps=done.session.steps - session.steps,
                to=self._place(done.session, done.actions[-1]),
                more=_more(session, done.session),
                done=done,
            )
            for done in self.lifted.every_step(session, given)
            if done.actions  # else the input is none that the dialogue heeds here
        ]

    def _said_for(self, done: Step) -> float:
        action = done.actions[-1]
        seconds = sum(self.length(part, done.session.language) for part in words_of(action))
        return max(seconds, action.deadline * action.tries) if isinstance(action, CallHook) else seconds

    # ---- points

    def _ways_of(self, found: Iterable[Outcome], counts: Counts) -> Iterator[Way]:
        for one in found:
            place = one.to
            after = NONE
            if place.counts:
                more = one.more
                after = (counts[0] + more[0], counts[1] + more[1], counts[2] + more[2])
            point = place.points.get(after)
            if point is None:
                self._count()
                point = place.points[after] = Point(place, after)
            yield Way(one, point, one.waited + one.said_for, one.steps)

    def _count(self) -> None:
        self.size += 1
        if self.size > self._most:
            raise OverBudget(f"more than {self._most:,} states of the dialogue")

    def _place(self, session: Session, action: Action) -> Place:
        read = self.lifted.still_read(session)
        allowed = self.lifted.dialplan.hearing.faults_allowed
        faults = allowed if session.speech_faults >= allowed else 0
        line = self.lifted.alike.get(session.line, session.line)
        state = plain_state(session.state)
        key = (state, line, session.language, faults, session.last_chance, session.hears, read)
        place = self._places.get(key)
        if place is None:
            plain = replace(
                session,
                state=state,
                line=line,
                values={**self.lifted.always, **dict(read)},
                silences=0,
                wrong_keys=0,
                misheard=0,
                speech_faults=faults,
                language_known=self.lifted.either,
                steps=0,
            )
            # after the last chance the next miss ends the dialogue, whatever was missed before
            counts = not (session.last_chance or isinstance(session.state, Leaving | Ended))
            place = Place(plain, None if session.ended else action, helps(action), counts)
            self._places[key] = place
        return place


def words_of(action: Action | None) -> tuple[Said, ...]:
    said: tuple[Said, ...] = getattr(action, "said", ())
    return said


def _more(before: Session, after: Session) -> Counts:
    return (
        after.silences - before.silences,
        after.wrong_keys - before.wrong_keys,
        after.misheard - before.misheard,
    )


def _is_wrong_key(outcome: Outcome) -> bool:
    """Or the silence of a caller for whom no key is wrong; not a key that turns out to be right."""
    return outcome.more[1] > 0 or isinstance(outcome.given, inputs.Silence)


def _asked_alike(session: Session, *, listens: bool) -> tuple[object, ...]:
    """Questions that are alike in it take the same answers as right, wrong or not understood."""
    state = session.state
    kind = (session.line, session.language, type(state), session.step, listens, getattr(state, "own", None))
    # a time at which nobody may be called is another wrong answer, as long as it is asked again
    return (*kind, state.asked, session.last_chance) if isinstance(state, TypingTime) else kind
