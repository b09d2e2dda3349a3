"""Every call that there can be, tried out one input after the other: slow, plain, and nothing of the proof's.

What a caller of each kind gives, what is help, a trap and a second is written a second time, here and in
`every_input` and `surroundings`. Only the interpreter is the same. Calls that stand at the same point of the
same session go on alike: they are tried once. The surroundings turn out each way at each input; the dialplan
is rewritten so that they can be told to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.flow import inputs
from ivr.flow.actions import Ask, CallHook, Play, Record
from ivr.flow.inputs import Input
from ivr.flow.model import CallBack, Choose, Dialplan, OtherLine
from ivr.flow.said import Said
from ivr.flow.session import Session, Step, start, step
from ivr.flow.states import (
    Asking,
    CheckingNumber,
    ChoosingWhen,
    Confirming,
    ConfirmingNumber,
    ConfirmingTime,
    Keeping,
    Reviewing,
    TakingMessage,
    TypingNumber,
    TypingTime,
)
from tests.every_input import NUMBER, every_input, returns, wait
from tests.surroundings import (
    MANY_STEPS,
    Surroundings,
    read_by_conditions,
    rewritten,
    without_limit,
    worlds_of,
)

LANGUAGES = ("uk", "en")
GOES_ROUND = {Choose, OtherLine}


class TooManyCalls(Exception):
    """To try them all takes too long."""


@dataclass(frozen=True)
class Found:
    seconds: float = 0.0
    """To help, at the worst."""
    steps: int = 0
    cut_off: bool = False
    """The limit of steps was met on the way."""


class EveryCall:
    """Of one dialplan. `length` gives the seconds of a recording; a value that is said is named 'said N'.
    `most` sessions are tried."""

    def __init__(
        self, dialplan: Dialplan, length: Callable[[Said, str], float], now: datetime, most: int
    ) -> None:
        self.now, self.length, self.most = now, length, most
        self.read = read_by_conditions(dialplan)
        self.worlds = list(worlds_of(rewritten(dialplan, self.read)))
        self.endless = [(without_limit(plan), world, known) for plan, world, known in self.worlds]
        self.plan = self.worlds[0][0]
        called_back = any(isinstance(one, CallBack) for one in dialplan.steps.values())
        self.callers = ("", NUMBER) if called_back else ("",)
        self._found: dict[Any, Found] = {}
        self._tried: dict[Any, list[tuple[Input, Step]]] = {}

    # ---- what a call can do

    def starts(self, line: str) -> Iterator[tuple[Session, Step]]:
        for remembered in (None, *self.plan.lines[line].languages):
            for caller in self.callers:
                fresh = start(self.plan, line, caller, self.now, remembered=remembered, hears=LANGUAGES)
                for done in self.steps(fresh, inputs.Started()):
                    yield fresh, done

    def steps(self, session: Session, given: Input, *, endless: bool = False) -> list[Step]:
        """In whatever surroundings; one of those whose results are the same. `endless`: without a limit."""
        worlds = self.endless if endless else self.worlds
        if given == inputs.Started():
            done = [step(plan, session, given, self.now, world) for plan, world, _ in worlds]
        else:
            done = self._later_steps(session, given, worlds)
        plain = map(self._plain, done)
        return list({(_key(one.session), repr(one.actions[-1:])): one for one in plain}.values())

    def _later_steps(self, session: Session, given: Input, worlds: list[Surroundings]) -> list[Step]:
        plan, world, _ = worlds[0]
        first = step(plan, session, given, self.now, world)
        turns = any(type(plan.steps[name]) in GOES_ROUND for name in first.entered)
        if len(worlds) == 1 or not (turns or isinstance(session.state, TypingTime)):
            return [first]
        known = {one: replace(session, language_known=one) for one in (False, True)}
        return [step(plan, known[one], given, self.now, world) for plan, world, one in worlds]

    def _plain(self, done: Step) -> Step:
        """Without values that nothing reads, and which visit it is."""
        if isinstance(done.session.state, TakingMessage | Reviewing | Keeping):
            state = replace(done.session.state, visit=0)
            done = replace(done, session=replace(done.session, state=state))
        if not done.session.values and not done.session.language_known:
            return done
        values = {name: text for name, text in done.session.values.items() if name in self.read}
        return replace(done, session=replace(done.session, values=values, language_known=False))

    # ---- the worst for a kind of caller

    def after(self, caller: str, before: Session, done: Step) -> Found:
        """What can come of `done`, with what is said in it."""
        rest = self._from(caller, done)
        return Found(
            seconds=self.said_for(done) + rest.seconds,
            steps=done.session.steps - before.steps + rest.steps,
            cut_off=rest.cut_off,
        )

    def _from(self, caller: str, done: Step) -> Found:
        session, action = done.session, done.actions[-1]
        if session.ended:
            return Found()
        key = (caller, _key(session))
        if key not in self._found:
            if len(self._found) > self.most:
                raise TooManyCalls
            best = Found()
            for given, follower in self.choices(caller, session, action):
                rest = self._from(caller, follower)
                seconds = wait(action, given) + self.said_for(follower) + rest.seconds
                steps = follower.session.steps - session.steps + rest.steps
                best = Found(
                    seconds=max(best.seconds, seconds),
                    steps=max(best.steps, steps),
                    cut_off=best.cut_off or rest.cut_off or bool(cuts(follower)),
                )
            self._found[key] = best
        return self._found[key]

    def choices(self, caller: str, session: Session, action: Any) -> list[tuple[Input, Step]]:
        tried = self.every(session, action)
        if not isinstance(action, Ask):
            return tried
        mine = [one for one in tried if _gives(caller, session, *one)]
        return mine or [one for one in tried if isinstance(one[0], inputs.Silence)]

    def every(self, session: Session, action: Any, *, endless: bool = False) -> list[tuple[Input, Step]]:
        key = (endless, _key(session))
        if key not in self._tried:
            self._tried[key] = [
                (given, done)
                for given in every_input(self.plan, session, action, self.now)
                for done in self.steps(session, given, endless=endless)
            ]
        return self._tried[key]

    # ---- everywhere a call can come to

    def beginnings(self, line: str) -> tuple[list[tuple[Session, Step]], list[tuple[Session, Step, int]]]:
        """Where a call begins; and what a right answer or a return leads to, with how often the limit of
        steps is met in it by itself."""
        firsts = list(self.starts(line))
        later: list[tuple[Session, Step, int]] = []
        met: set[Any] = set()
        ahead = [done for _, done in firsts]
        while ahead:
            done = ahead.pop()
            session = replace(done.session, steps=0, silences=0, wrong_keys=0, misheard=0)
            action = done.actions[-1]
            if session.ended or _key(session) in met:
                continue
            met.add(_key(session))
            if len(met) > self.most:
                raise TooManyCalls
            later += self._turns(session, action)
            ahead += self._onwards(session, action)
        return firsts, later

    def _onwards(self, session: Session, action: Any) -> Iterator[Step]:
        """Without a limit of steps, and whatever was missed before."""
        for one in returns(action):
            yield from self.steps(session, one, endless=True)
        for missed in self._missed(session) if isinstance(action, Ask) else [session]:
            for given, done in self.every(missed, action, endless=True):
                if not isinstance(action, Ask) or any(
                    _gives(caller, missed, given, done) for caller in ("mixed", "seeking")
                ):
                    yield done
        for given, done in self._right(session, action):
            yield done
            if done.entered and not session.last_chance:
                yield from self.steps(replace(session, steps=MANY_STEPS), given, endless=True)

    def _missed(self, session: Session) -> list[Session]:
        """Nothing, and so much that the next miss is one too many."""
        most = self.plan.lines[session.line].limits
        full = replace(
            session, silences=most.silences - 1, wrong_keys=most.wrong_keys - 1, misheard=most.misheard - 1
        )
        return [session, full]

    def _turns(self, fresh: Session, action: Any) -> Iterator[tuple[Session, Step, int]]:
        for one in returns(action):
            yield from ((fresh, done, 0) for done in self.steps(fresh, one))
        right = self._right(fresh, action)
        for given in dict.fromkeys(given for given, _ in right):
            yield from ((fresh, done, 0) for done in self.steps(fresh, given))
        late = replace(fresh, steps=self.plan.lines[fresh.line].limits.steps)
        for given in dict.fromkeys(given for given, done in right if done.entered and not fresh.last_chance):
            yield from ((late, done, 1) for done in self.steps(late, given))

    def _right(self, fresh: Session, action: Any) -> list[tuple[Input, Step]]:
        if not isinstance(action, Ask) or not _is_fresh(fresh.state):
            return []
        every = self.every(fresh, action, endless=True)
        return [(given, done) for given, done in every if _misses(done.session) == _misses(fresh)]

    def said_for(self, done: Step) -> float:
        action = done.actions[-1]
        parts = action.said if isinstance(action, Play | Ask | CallHook | Record) else ()
        seconds = sum(self.length(part, done.session.language) for part in parts)
        return max(seconds, action.deadline * action.tries) if isinstance(action, CallHook) else seconds


# ---- callers


def _gives(caller: str, before: Session, given: Input, done: Step) -> bool:
    one_key = isinstance(given, inputs.KeyPressed) or (
        isinstance(given, inputs.KeysEntered) and len(given.keys) == 1
    )
    match caller:
        case "silent":
            return isinstance(given, inputs.Silence)
        case "wrong-key":
            return one_key and done.session.wrong_keys > before.wrong_keys
        case "seeking":
            return given in (inputs.KeyPressed("0"), inputs.KeysEntered("0"))
        case _:
            return _misses(done.session) > _misses(before) or _may_be_refused(before, done)


def _may_be_refused(before: Session, done: Step) -> bool:
    match before.state, done.session.state:
        case (Asking(), Confirming()) | (TypingNumber(), CheckingNumber()) | (TypingTime(), ConfirmingTime()):
            return True
        case _:
            return False


def _misses(session: Session) -> int:
    return session.silences + session.wrong_keys + session.misheard


def cuts(done: Step) -> int:
    """How often the limit of steps was met."""
    return sum("step-limit" in edge for edge in done.trace)


def _is_fresh(state: Any) -> bool:
    """A question that is put for the first time."""
    match state:
        case Asking(asked=1, keys_only=False) | Confirming(asked=1, keys_only=False, before=1):
            return True
        case ConfirmingNumber() | ConfirmingTime():
            return state.asked == state.before == 1 and not state.keys_only
        case Reviewing() | TypingNumber() | ChoosingWhen() | TypingTime():
            return state.asked == 1 and not state.keys_only
        case _:
            return False


def _key(session: Session) -> Any:
    return (
        *(session.state, session.line, session.language, session.silences, session.wrong_keys),
        *(session.misheard, session.speech_faults, tuple(session.values.items()), session.hears),
        *(session.steps, session.last_chance, session.caller),
    )


def worst_of(found: Sequence[Found]) -> tuple[float, int] | None:
    if not found:
        return None
    return max(one.seconds for one in found), max(one.steps for one in found)
