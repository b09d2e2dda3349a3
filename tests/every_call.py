"""Every call that there can be, tried out one input after the other: slow, plain, and nothing of the proof's.

What a caller of each kind gives, what is help, a trap and a second is written here a second time. Only the
interpreter is the same. Calls that stand at the same point of the same session go on alike: they are tried
once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

from acd.core.words import LeaveReason
from ivr.flow import conditions, inputs
from ivr.flow.actions import Ask, CallHook, EnterQueue, Play, Transfer
from ivr.flow.conditions import NOWHERE, QueueNow, World
from ivr.flow.hearing import Entry
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import Choose, Dialplan, Hook, Kind, Menu, Question, SetValues
from ivr.flow.proof import SERVICE_SAYS
from ivr.flow.said import Said
from ivr.flow.session import Session, Step, start, step
from ivr.flow.states import Asking, Confirming
from tests.random_dialplans import QUEUE, SWITCH

LANGUAGES = ("uk", "en")
SPOKEN = {
    "uk": ["посилка", "так", "ні", "оператор", "англійською", "завтра"],
    "en": ["parcel", "yes", "no", "operator", "ukrainian", "tomorrow"],
}
SEVEN = {"uk": "сім", "en": "seven"}
ZERO = {"uk": "нуль", "en": "zero"}
TYPED = ["0", "5", "7", "*", "#", "07", "77", "81", "7*", "077", "07*", "777", "777*", "7777"]
QUEUES = [
    QueueNow(waiting=waiting, logged_in=logged_in, expected_wait=expected)
    for waiting, logged_in, expected in [
        (0, 1, 0.0),
        (3, 1, 90.0),
        (1, 0, None),
        (3, 0, 0.0),
        (1, 1, 90.0),
        (3, 1, 0.0),
        (0, 0, 0.0),
        (0, 0, 90.0),
        (3, 0, 90.0),
        (0, 1, None),
    ]
]
DEEPEST = 400
MOST_SESSIONS = 100


class TooManyCalls(Exception):
    """To try them all takes too long."""


class NeverEnds(AssertionError):
    """The interpreter goes on without walking steps."""


@dataclass(frozen=True)
class Found:
    helped: float
    helped_steps: int
    ended: float
    ended_steps: int
    cut_off: bool
    """The limit of steps was met on the way."""


class EveryCall:
    """Of one dialplan. Each input may come at another of the moments: a call can last."""

    def __init__(
        self, dialplan: Dialplan, length: Callable[[str, Said], float], moments: Sequence[datetime]
    ) -> None:
        self.dialplan, self.length, self.moments = dialplan, length, moments
        self._found: dict[Any, Found] = {}
        self._tried: dict[str, list[tuple[Input, Step]]] = {}
        self._worlds = list(_worlds(dialplan))
        self._said_always = _said_always(dialplan)

    def starts(self, line: str, remembered: str | None) -> Iterator[tuple[Session, Step]]:
        for hears in (frozenset(LANGUAGES), frozenset[str]()):
            fresh = start(self.dialplan, line, "", self.moments[0], remembered=remembered, hears=hears)
            for done in self.steps(fresh, inputs.Started()):
                yield fresh, done

    def steps(self, session: Session, given: Input) -> list[Step]:
        """At whatever moment, in whatever world; one of those whose results are the same."""
        session = replace(session, values={**session.values, **self._said_always})
        results = {}
        for now in self.moments:
            for done in self._at(now, session, given):
                results[repr((done.session, done.actions, done.trace))] = done
        return list(results.values())

    def _at(self, now: datetime, session: Session, given: Input) -> Iterator[Step]:
        done = step(self.dialplan, session, given, now, NOWHERE)
        if not any(isinstance(self.dialplan.steps.get(name), Choose) for name in done.entered):
            yield done
            return
        for lot, caller, world in self._worlds:
            done = step(self.dialplan, replace(session, lot=lot, caller=caller), given, now, world)
            yield replace(done, session=replace(done.session, lot=0, caller=""))

    def after(self, kind: str, before: Session, done: Step) -> Found:
        """The worst that can come after `done`, with what is said in it."""
        rest = self._from(kind, done)
        said = self.said_for(done)
        steps = done.session.steps - before.steps
        return Found(
            helped=said + rest.helped,
            helped_steps=steps + rest.helped_steps,
            ended=said + rest.ended,
            ended_steps=steps + rest.ended_steps,
            cut_off=rest.cut_off or _is_cut_off(done),
        )

    def _from(self, kind: str, done: Step, depth: int = 0) -> Found:
        session, action = done.session, done.actions[-1] if done.actions else None
        if session.ended:
            return Found(0, 0, 0, 0, False)
        if depth > DEEPEST:
            raise NeverEnds(repr(done))
        key = (kind, repr(session))
        if key not in self._found:
            self._found[key] = self._try_all(kind, session, action, done, depth)
        return self._found[key]

    def _try_all(self, kind: str, session: Session, action: Any, done: Step, depth: int) -> Found:
        best = Found(0, 0, 0, 0, False)
        is_help = isinstance(action, EnterQueue | Transfer)
        for given, follower in self.choices(kind, session, action):
            rest = self._from(kind, follower, depth + 1)
            seconds = self.wait(action, given, self.said_for(done)) + self.said_for(follower)
            steps = follower.session.steps - session.steps
            best = Found(
                helped=0 if is_help else max(best.helped, seconds + rest.helped),
                helped_steps=0 if is_help else max(best.helped_steps, steps + rest.helped_steps),
                ended=max(best.ended, seconds + rest.ended),
                ended_steps=max(best.ended_steps, steps + rest.ended_steps),
                cut_off=best.cut_off or rest.cut_off or _is_cut_off(follower),
            )
        return best

    def choices(self, kind: str, session: Session, action: Any) -> list[tuple[Input, Step]]:
        every = self._every(session, action)
        if kind == "wandering" or not isinstance(action, Ask):
            leaves = isinstance(action, EnterQueue) and kind != "wandering"
            return [one for one in every if not (leaves and isinstance(one[0], inputs.KeyPressed))]
        mine = [one for one in every if _gives(kind, session, *one)]
        return mine or [one for one in every if isinstance(one[0], inputs.Silence)]

    def _every(self, session: Session, action: Any) -> list[tuple[Input, Step]]:
        key = repr(session)
        if key not in self._tried:
            if len(self._tried) >= MOST_SESSIONS:
                raise TooManyCalls
            self._tried[key] = [
                (given, done) for given in self.inputs(session, action) for done in self.steps(session, given)
            ]
        return self._tried[key]

    def right_answers(self, session: Session, action: Any) -> Iterator[Step]:
        for _, done in self.choices("wandering", session, action):
            if _misses(done.session) == _misses(session):
                yield done

    def inputs(self, session: Session, action: Any) -> Iterator[Input]:
        match action:
            case Play():
                yield inputs.PlayDone()
            case Ask(entry=entry, listen=listen):
                yield inputs.Silence()
                if entry is None:
                    yield from map(inputs.KeyPressed, "0123456789*#")
                else:
                    typed = dict.fromkeys([*TYPED, f"{self.moments[0]:%d%m}"])
                    yield from (inputs.KeysEntered(keys) for keys in typed if _can_be_typed(keys, entry))
                if listen is not None:
                    yield from self._words(session)
            case CallHook():
                yield inputs.HookFailed("down")
                hook = self.dialplan.steps[session.step]
                assert isinstance(hook, Hook)
                for word in ("", "strange", *hook.answers):
                    for say in ((), (SERVICE_SAYS,)):
                        for value in (None, "77", "5", "7777"):
                            values = {} if value is None else {"value": value}
                            yield inputs.HookAnswered(HookAnswer(word, say, values))
            case EnterQueue(leave_keys=keys):
                for reason in set(LeaveReason) - {LeaveReason.HUNG_UP}:
                    yield inputs.QueueLeft(reason)
                yield inputs.TalkOver()
                yield from map(inputs.KeyPressed, keys)
            case Transfer():
                yield inputs.TransferOver(True)
                yield inputs.TransferOver(False)
            case _:
                raise AssertionError(f"nothing answers {action}")

    def _words(self, session: Session) -> Iterator[Input]:
        yield inputs.SpokeTooLong()
        yield inputs.RecogniserBusy()
        yield inputs.RecogniserDead()
        yield inputs.Heard("[unk]", 0.9)
        seven, zero = SEVEN[session.language], ZERO[session.language]
        numbers = [" ".join([seven] * size) for size in (1, 2, 3, 4)] + [f"{zero} {seven} {seven}"]
        menu = self.dialplan.steps.get(session.step)
        phrases = menu.phrases.get(session.language, {}) if isinstance(menu, Menu) else {}
        for text in dict.fromkeys([*SPOKEN[session.language], *numbers, *phrases, "7777", "77"]):
            for confidence in (0.9, 0.1):
                yield inputs.Heard(text, confidence)

    def said_for(self, done: Step) -> float:
        action = done.actions[-1] if done.actions else None
        parts = action.said if isinstance(action, Play | Ask | CallHook) else ()
        return sum(self.length(done.session.language, part) for part in parts)

    def wait(self, action: Any, given: Input, said_for: float) -> float:
        match action:
            case CallHook():
                return max(0.0, action.deadline * action.tries - said_for)
            case Transfer():
                return action.ring_for if given == inputs.TransferOver(False) else 0.0
            case Ask(entry=entry, listen=listen, wait_for=wait_for):
                match given:
                    case inputs.Heard() | inputs.SpokeTooLong() | inputs.RecogniserDead():
                        return wait_for + (listen.longest_for if listen else 0.0)
                    case inputs.KeysEntered(keys) if entry is not None:
                        pauses = len(keys) - 1 + (entry.verdict(keys) in ("more", "maybe"))
                        return wait_for + pauses * entry.pause_for
                    case _:
                        return wait_for
            case _:
                return 0.0


def _can_be_typed(keys: str, entry: Entry) -> bool:
    """An entry ends with the key that completes it or makes it impossible."""
    return all(entry.verdict(keys[:size]) in ("more", "maybe") for size in range(1, len(keys)))


def _worlds(dialplan: Dialplan) -> Iterator[tuple[int, str, World]]:
    """Lots, callers and states of the centre; of what no condition asks for, one."""
    chooses = [step for step in dialplan.steps.values() if isinstance(step, Choose)]
    asked = {type(rule.condition) for choose in chooses for rule in choose.rules}
    lots = range(16) if conditions.Share in asked else [0]
    callers = ("", "38077") if conditions.CallerIs in asked else ("",)
    of_queues = {conditions.WaitingMoreThan, conditions.WaitLongerThan, conditions.NobodyIn}
    queues = QUEUES if asked & of_queues else QUEUES[:1]
    switches = ((), (SWITCH,)) if conditions.SwitchOn in asked else ((),)
    for lot, caller, queue, on in product(lots, callers, queues, switches):
        yield lot, caller, World(queues={QUEUE: queue}, switches=frozenset(on))


def _said_always(dialplan: Dialplan) -> dict[str, str]:
    """The value of random dialplans, as long as it gets, where it is said and no condition asks for it."""
    if "ValueIs(" in repr(dialplan.steps) or "ValueBetween(" in repr(dialplan.steps):
        return {}
    texts = [""]
    for one in dialplan.steps.values():
        if isinstance(one, SetValues):
            texts.append(one.values["value"])
        if isinstance(one, Question) and one.kind is Kind.DATE:
            texts.append("2027-12-27")
        elif isinstance(one, Question) and one.name and one.entry is not None:
            texts += [pattern.replace("X", "7") for pattern in one.entry.patterns]
    return {"value": max(texts, key=len) or "7777"}


def _gives(kind: str, before: Session, given: Input, done: Step) -> bool:
    one_key = isinstance(given, inputs.KeyPressed) or (
        isinstance(given, inputs.KeysEntered) and len(given.keys) == 1
    )
    match kind:
        case "silent":
            return isinstance(given, inputs.Silence)
        case "wrong-key":
            return one_key and _misses(done.session) > _misses(before)
        case "seeking":
            return given in (inputs.KeyPressed("0"), inputs.KeysEntered("0"))
        case _:
            refused_later = isinstance(before.state, Asking) and isinstance(done.session.state, Confirming)
            return _misses(done.session) > _misses(before) or refused_later


def _misses(session: Session) -> int:
    return session.silences + session.wrong_keys + session.misheard + session.speech_faults


def _is_cut_off(done: Step) -> bool:
    return any("step-limit" in edge for edge in done.trace)


def after_right_answers(calls: EveryCall, beginnings: list[Step]) -> tuple[list[Step], bool]:
    """Each question that right answers lead to, as it is put; and whether one of them alone walked so far
    that the limit of steps was met."""
    met: dict[str, Step] = {}
    ahead, cut_off = list(beginnings), False
    while ahead:
        done = ahead.pop()
        cut_off |= _is_cut_off(done)
        done = replace(done, session=replace(done.session, steps=0), trace=())
        if repr(done.session) not in met:
            met[repr(done.session)] = done
            if not done.session.ended:
                ahead += calls.right_answers(done.session, done.actions[-1])
    return [done for done in met.values() if isinstance(done.session.state, Asking)], cut_off


@cache
def moments_of_two_weeks(now: datetime) -> tuple[datetime, ...]:
    return tuple(now + timedelta(minutes=30 * number) for number in range(14 * 48))


def telling_moments(dialplan: Dialplan, now: datetime) -> list[datetime]:
    """One for each set of hours that are open at once, of those that the files speak of."""
    written = repr((dialplan.lines, dialplan.steps))
    asked = [hours for name, hours in dialplan.hours.items() if f"'{name}'" in written]
    found: dict[tuple[bool, ...], datetime] = {}
    for at in moments_of_two_weeks(now) if asked else [now]:
        found.setdefault(tuple(hours.is_open(at) for hours in asked), at)
    return list(found.values())
