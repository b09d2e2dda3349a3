"""Every call that there can be, tried out one input after the other: slow, plain, and nothing of the proof's.

What a caller of each kind gives, what is help, a trap and a second is written here a second time. Only the
interpreter is the same. Calls that stand at the same point of the same session go on alike: they are tried
once. The surroundings turn out each way at each input; the dialplan is rewritten so that they can be told to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from acd.core.words import LeaveReason
from ivr.flow import conditions, inputs
from ivr.flow.actions import Ask, CallHook, EnterQueue, Play, Transfer
from ivr.flow.conditions import World
from ivr.flow.hearing import Entry
from ivr.flow.hook import HookAnswer
from ivr.flow.hours import WHOLE_DAY, Hours, Period
from ivr.flow.inputs import Input
from ivr.flow.model import ByHours, Choose, Dialplan, Hook, Kind, Menu, OtherLine, Question, Rule, SetValues
from ivr.flow.proof import SERVICE_SAYS
from ivr.flow.said import Said, Slot
from ivr.flow.session import Session, Step, start, step
from ivr.flow.states import Asking, Confirming

LANGUAGES = ("uk", "en")
SPOKEN = {
    "uk": ["посилка", "так", "ні", "оператор", "англійською", "завтра"],
    "en": ["parcel", "yes", "no", "operator", "ukrainian", "tomorrow"],
}
SEVEN = {"uk": "сім", "en": "seven"}
ZERO = {"uk": "нуль", "en": "zero"}
TYPED = [*"057*#", "07", "77", "81", "7*", "077", "07*", "777", "777*", "7777", "07777"]
MANY_STEPS = 300
GOES_ROUND = {Choose, OtherLine}
Surroundings = tuple[Dialplan, World, bool]
"""With the hours in it; and whether a caller's language is known."""


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
        self.read = _read_by_conditions(dialplan)
        self.worlds = list(_worlds(_rewritten(dialplan, self.read)))
        self.endless = [(_without_limit(plan), world, known) for plan, world, known in self.worlds]
        self.plan = self.worlds[0][0]
        self._found: dict[Any, Found] = {}
        self._tried: dict[Any, list[tuple[Input, Step]]] = {}

    # ---- what a call can do

    def starts(self, line: str) -> Iterator[tuple[Session, Step]]:
        for remembered in (None, *self.plan.lines[line].languages):
            fresh = start(self.plan, line, "", self.now, remembered=remembered, hears=LANGUAGES)
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
        if len(worlds) == 1 or not any(type(plan.steps[name]) in GOES_ROUND for name in first.entered):
            return [first]
        known = {one: replace(session, language_known=one) for one in (False, True)}
        return [step(plan, known[one], given, self.now, world) for plan, world, one in worlds]

    def _plain(self, done: Step) -> Step:
        """Without values that nothing reads."""
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
                seconds = self.wait(action, given) + self.said_for(follower) + rest.seconds
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
                for given in self.inputs(session, action)
                for done in self.steps(session, given, endless=endless)
            ]
        return self._tried[key]

    # ---- everywhere a call can come to

    def beginnings(self, line: str) -> tuple[list[tuple[Session, Step]], list[tuple[Session, Step, int]]]:
        """Where a call begins; and what a right answer or a return leads to, with how often the limit of
        steps is met in it by itself."""
        firsts, later = list(self.starts(line)), []
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
        for one in _returns(action):
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
        for one in _returns(action):
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

    # ---- inputs and seconds

    def inputs(self, session: Session, action: Any) -> Iterator[Input]:
        match action:
            case Play():
                yield inputs.PlayDone()
            case Ask(entry=entry, listen=listen):
                yield inputs.Silence()
                if entry is None:
                    yield from map(inputs.KeyPressed, "0123456789*#")
                else:
                    typed = dict.fromkeys([*TYPED, f"{self.now:%d%m}"])
                    yield from (inputs.KeysEntered(keys) for keys in typed if _can_be_typed(keys, entry))
                if listen is not None:
                    yield from self._words(session)
            case CallHook():
                yield inputs.HookFailed("down")
                hook = self.plan.steps[session.step]
                assert isinstance(hook, Hook)
                for word in ("", "strange", *hook.answers):
                    for say in ((), (SERVICE_SAYS,)) if hook.url else ((),):
                        yield inputs.HookAnswered(HookAnswer(word, say, {}))
            case EnterQueue():
                yield inputs.QueueLeft(LeaveReason.QUEUE_FULL)
                yield inputs.QueueLeft(LeaveReason.NOBODY_LOGGED_IN)
            case Transfer():
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
        menu = self.plan.steps.get(session.step)
        phrases = menu.phrases.get(session.language, {}) if isinstance(menu, Menu) else {}
        for text in dict.fromkeys([*SPOKEN[session.language], *numbers, *phrases]):
            for confidence in (0.9, 0.1):
                yield inputs.Heard(text, confidence)

    def said_for(self, done: Step) -> float:
        action = done.actions[-1]
        parts = action.said if isinstance(action, Play | Ask | CallHook) else ()
        seconds = sum(self.length(part, done.session.language) for part in parts)
        return max(seconds, action.deadline * action.tries) if isinstance(action, CallHook) else seconds

    def wait(self, action: Any, given: Input) -> float:
        match action:
            case Transfer():
                return action.ring_for
            case Ask(entry=entry, listen=listen, wait_for=wait_for):
                match given:
                    case inputs.Heard() | inputs.SpokeTooLong():
                        return wait_for + (listen.longest_for if listen else 0.0)
                    case inputs.KeysEntered(keys) if entry is not None:
                        pauses = len(keys) - 1 + (entry.verdict(keys) in ("more", "maybe"))
                        return wait_for + pauses * entry.pause_for
                    case _:
                        return wait_for
            case _:
                return 0.0


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
            refused_later = isinstance(before.state, Asking) and isinstance(done.session.state, Confirming)
            return _misses(done.session) > _misses(before) or refused_later


def _returns(action: Any) -> list[Input]:
    match action:
        case EnterQueue(leave_keys=keys):
            left = [LeaveReason.WAITED_TOO_LONG, LeaveReason.CHOSE_TO_LEAVE]
            return [*map(inputs.QueueLeft, left), inputs.TalkOver(), *map(inputs.KeyPressed, keys)]
        case Transfer():
            return [inputs.TransferOver(True)]
        case _:
            return []


def _can_be_typed(keys: str, entry: Entry) -> bool:
    """An entry ends with the key that completes it or makes it impossible."""
    return all(entry.verdict(keys[:size]) in ("more", "maybe") for size in range(1, len(keys)))


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
        case _:
            return False


def _key(session: Session) -> Any:
    return (
        *(session.state, session.line, session.language, session.silences, session.wrong_keys),
        *(session.misheard, session.speech_faults, tuple(session.values.items()), session.hears),
        *(session.steps, session.last_chance),
    )


# ---- surroundings


def _read_by_conditions(dialplan: Dialplan) -> set[str]:
    """Values that only steps set; what callers and services give turns out each way, as if by a switch."""
    asked = {one.name for one in dialplan.steps.values() if isinstance(one, Question)}
    own = {name for one in dialplan.steps.values() if isinstance(one, SetValues) for name in one.values}
    return own - asked


def _rewritten(dialplan: Dialplan, read: set[str]) -> Dialplan:
    """Each condition asks for a switch of its own, each slot says as much as the longest value."""
    texts = [
        text for one in dialplan.steps.values() if isinstance(one, SetValues) for text in one.values.values()
    ]
    for one in dialplan.steps.values():
        if isinstance(one, Question) and one.kind is Kind.DATE:
            texts.append("2027-12-27")
        elif isinstance(one, Question) and one.entry is not None and one.name:
            texts += one.entry.patterns
    longest = len(max(texts, key=len, default="7777"))
    dated = longest == len("2027-12-27")  # a date is no string of digits: nothing is said of it
    steps: dict[str, Any] = {}
    for name, one in dialplan.steps.items():
        changed: Any = one
        if isinstance(one, Choose):
            changed = _chosen(replace(one, rules=tuple(_rule(name, rule, read) for rule in one.rules)))
        elif isinstance(one, ByHours):
            changed = _chance(name, [one.if_open, one.if_closed])
        elif hasattr(one, "prompts"):
            said = (f"said {longest}" if isinstance(part, Slot) else part for part in one.prompts)
            changed = replace(changed, prompts=tuple(part for part in said if not (dated and "said" in part)))
        steps[name] = changed
    return replace(dialplan, steps=steps)


def _chosen(choose: Choose) -> Choose | Hook:
    """What only the surroundings decide turns out anew each time; so it is said by a service for nothing."""
    if any(not isinstance(rule.condition, conditions.SwitchOn) for rule in choose.rules):
        return choose
    return _chance(choose.id, [*(rule.then for rule in choose.rules), choose.otherwise])


def _chance(name: str, ways: list[str]) -> Hook:
    words = {str(number): way for number, way in enumerate(ways)}
    return Hook(id=name, url="", deadline=0.0, tries=0, answers=words, then=ways[0], if_failed=ways[0])


def _rule(step_id: str, rule: Rule, read: set[str]) -> Rule:
    condition = rule.condition
    match condition:
        case conditions.LanguageIs():
            return rule
        case conditions.ValueIs(name=name) | conditions.ValueBetween(name=name) if name in read:
            return rule
        case _:
            own = f"{step_id}: {condition}" if isinstance(condition, conditions.Share) else str(condition)
            return replace(rule, condition=conditions.SwitchOn(own))


def _worlds(dialplan: Dialplan) -> Iterator[Surroundings]:
    chooses = [one for one in dialplan.steps.values() if isinstance(one, Choose)]
    asked = [rule.condition for choose in chooses for rule in choose.rules]
    switches = list(dict.fromkeys(one.name for one in asked if isinstance(one, conditions.SwitchOn)))
    hours = {line.hours for line in dialplan.lines.values() if line.hours}
    known = (False, True) if any(isinstance(one, OtherLine) for one in dialplan.steps.values()) else (False,)
    names = sorted(name for name in hours if name in dialplan.hours)
    for on in product((False, True), repeat=len(switches)):
        for is_open in product((False, True), repeat=len(names)):
            kept = {name: _hours(name, yes) for name, yes in zip(names, is_open, strict=True)}
            plan = replace(dialplan, hours=kept)
            world = World(switches=frozenset(name for name, yes in zip(switches, on, strict=True) if yes))
            yield from ((plan, world, one) for one in known)


def _hours(name: str, is_open: bool) -> Hours:
    day = (Period(0, WHOLE_DAY),) if is_open else ()
    return Hours(id=name, time_zone="UTC", week=(day,) * 7)


def _without_limit(dialplan: Dialplan) -> Dialplan:
    lines = {
        name: replace(line, limits=replace(line.limits, steps=MANY_STEPS))
        for name, line in dialplan.lines.items()
    }
    return replace(dialplan, lines=lines)


def worst_of(found: Sequence[Found]) -> tuple[float, int] | None:
    if not found:
        return None
    return max(one.seconds for one in found), max(one.steps for one in found)
