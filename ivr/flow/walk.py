"""One input's walk through the dialplan until the next action that waits for an answer.

Private to `ivr.flow.session`: it collects actions and trace and holds the session as it changes.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from acd.core.settings import Need
from acd.core.words import LeaveReason
from ivr.flow.actions import (
    Action,
    Answer,
    CallHook,
    CheckNumber,
    EnterQueue,
    HangUp,
    KeepMessage,
    Play,
    Record,
    SetLanguage,
    Transfer,
)
from ivr.flow.conditions import NOWHERE, World, holds
from ivr.flow.hearing import SPEECH_FAULTS, Miss
from ivr.flow.inputs import Input
from ivr.flow.model import (
    CALLER_LANGUAGE,
    GOODBYE,
    OPERATOR,
    ByHours,
    CallBack,
    Choose,
    Dialplan,
    DialplanStep,
    Farewell,
    Hook,
    Language,
    Limits,
    Line,
    Menu,
    Message,
    OtherLine,
    Question,
    SetValues,
    TransferOut,
    Voicemail,
    Wait,
)
from ivr.flow.questions import ask, said
from ivr.flow.said import Said, Saying
from ivr.flow.states import (
    Asked,
    Asking,
    CheckingNumber,
    Confirming,
    Ended,
    Hooking,
    Keeping,
    Leaving,
    Playing,
    Reviewing,
    Session,
    TakingMessage,
    Transferring,
    TypingNumber,
    Waiting,
)
from ivr.flow.work_prompts import CallBackPrompt
from ivr.flow.work_questions import MIN_ROOM_FOR, as_number, ask_work

GRACE_STEPS = 20
"""Steps left for the way from `otherwise` to a person or a goodbye."""


class Walk:
    def __init__(self, dialplan: Dialplan, session: Session, now: datetime, world: World = NOWHERE) -> None:
        self.dialplan = dialplan
        self.session = session
        self.now = now
        self.world = world
        self.actions: list[Action] = []
        self.trace: list[str] = []
        self.entered: list[str] = []

    @property
    def line(self) -> Line | None:
        return self.dialplan.lines.get(self.session.line)

    @property
    def current(self) -> DialplanStep | None:
        """The step that waits for an input."""
        return self.dialplan.steps.get(self.session.step)

    def note(self, edge: str) -> None:
        self.trace.append("/".join(part for part in (self.session.line, self.session.step, edge) if part))

    def ignore(self, given: Input) -> None:
        self.note(f"ignored {type(given).__name__}")

    def begin(self) -> None:
        self.actions += [Answer(), SetLanguage(self.session.language)]
        if self.line is None:
            self.note("line-unknown")
            self._say_last((self.dialplan.prompts.line_unknown,))
        else:
            self._enter(self._start_of(self.line))

    def go(self, target: str, edge: str) -> None:
        """Follow an edge of the current step."""
        self.note(edge)
        self._enter(target)

    def ask(self, state: Asked, first: tuple[Said, ...] = ()) -> None:
        """Put the question of `state`'s step and wait in `state`."""
        self.session = replace(self.session, state=state)
        match self.dialplan.steps.get(state.step), state:
            case Menu() | Question() as step, Asking() | Confirming():
                self.actions.append(ask(self.dialplan, self.line, self.session, step, state, first))
            case Voicemail() | CallBack() as step, _ if not isinstance(state, Asking | Confirming):
                self.actions.append(ask_work(self.dialplan, self.line, self.session, step, state, first))
            case _:
                self.say_goodbye()

    def ask_anew(self, state: Asked, first: tuple[Said, ...] = ()) -> None:
        """A question once more, or a further one of a step; it counts as a step: nobody goes on for ever."""
        if not self._one_step_further():
            self.ask(state, first)
        elif isinstance(state, Reviewing):
            self.keep_message(state, GOODBYE, "step-limit")
        else:
            self.go(self.last_chance(), "step-limit")

    def record(self, state: TakingMessage, first: tuple[Said, ...]) -> None:
        """Once more or further, which counts as a step; nobody in `state` has lost anything."""
        if not self._one_step_further():
            self._record(state, first)
        elif state.recordings:
            self.keep_message(state, GOODBYE, "step-limit")
        else:
            self.go(self.last_chance(), "step-limit")

    def _record(self, state: TakingMessage, first: tuple[Said, ...]) -> None:
        step = self.dialplan.steps.get(state.step)
        if not isinstance(step, Voicemail):
            self.say_goodbye()
            return
        self.session = replace(self.session, state=state)
        used = 0.0 if state.anew else state.seconds
        longest = max(step.longest_for - used, MIN_ROOM_FOR)
        self.actions.append(Record(first, longest, step.end_after))

    def keep_message(
        self, state: Reviewing | TakingMessage | Keeping, then: str, edge: str, *, thank: bool = True
    ) -> None:
        """Put down what was said, then go to `then`."""
        step = self.dialplan.steps.get(state.step)
        if not isinstance(step, Voicemail) or not state.recordings:
            self.go(then, edge)
            return
        self.note(edge)
        keeping = Keeping(state.step, state.visit, state.recordings, then, thank)
        self.session = replace(self.session, state=keeping)
        self.actions.append(KeepMessage(step.queue, state.recordings, state.visit))

    def _one_step_further(self) -> bool:
        """Whether that is one too many."""
        self.session = replace(self.session, steps=self.session.steps + 1)
        return self._walked_too_far()

    def speak(self, language: str) -> None:
        """By the caller's choice."""
        self.session = replace(self.session, language=language)
        self.actions.append(SetLanguage(language, chosen=True))

    def keep(self, name: str, value: str) -> None:
        self.session = replace(self.session, values={**self.session.values, name: value})

    def count(self, miss: Miss) -> bool:
        """Whether the whole call has now had too many of them."""
        session, line = self.session, self.line
        limits = line.limits if line else Limits()
        if miss in SPEECH_FAULTS:
            self.session = replace(session, speech_faults=session.speech_faults + 1)
            return False
        match miss:
            case Miss.SILENT:
                self.session = replace(session, silences=session.silences + 1)
                over = session.silences + 1 >= limits.silences
            case Miss.WRONG_KEY:
                self.session = replace(session, wrong_keys=session.wrong_keys + 1)
                over = session.wrong_keys + 1 >= limits.wrong_keys
            case _:
                self.session = replace(session, misheard=session.misheard + 1)
                over = session.misheard + 1 >= limits.misheard
        return over or line is None or session.last_chance

    def go_otherwise(self, edge: str) -> None:
        """A limit is reached: the line's `otherwise`, but only once in a call."""
        self.note(edge)
        self._enter(self.last_chance())

    def last_chance(self, instead: str | None = None) -> str:
        """Where a call goes beyond a limit: the line's `otherwise` or `instead`, then a goodbye."""
        line = self.line
        if self.session.last_chance or line is None:
            return GOODBYE
        self.session = replace(self.session, last_chance=True)
        return line.otherwise if instead is None else instead

    def leave_queue(self, wait: Wait, reason: LeaveReason) -> None:
        match reason:
            case LeaveReason.QUEUE_FULL:
                self.go(wait.if_full, "queue-full")
            case LeaveReason.NOBODY_LOGGED_IN:
                self.go(wait.if_nobody_logged_in, "nobody-logged-in")
            case LeaveReason.WAITED_TOO_LONG | LeaveReason.CHOSE_TO_LEAVE:
                self.go(wait.if_waited_too_long, "waited-too-long")
            case LeaveReason.HUNG_UP:
                self.note("caller-gone")
                self.session = replace(self.session, state=Ended())
            case LeaveReason.CALL_BACK:
                self.go(GOODBYE, "call-back")
            case LeaveReason.LOST | LeaveReason.PUT_OFF:
                self.note("lost")
                self.hang_up()
            case _:
                assert_never(reason)

    def say_goodbye(self) -> None:
        self._say_last((self.dialplan.prompts.goodbye,))

    def hang_up(self) -> None:
        self.note("hung-up")
        self.session = replace(self.session, state=Ended())
        self.actions.append(HangUp())

    def say(self, words: tuple[Said, ...], then: str) -> None:
        """Words that belong to the current step, then its edge."""
        self.session = replace(self.session, state=Playing(self.session.step, then))
        self.actions.append(Play(words))

    def _say_last(self, prompts: tuple[Saying, ...]) -> None:
        words = said(prompts, self.session.values)
        if not words:
            self.hang_up()
            return
        self.session = replace(self.session, state=Leaving())
        self.actions.append(Play(words))

    def _start_of(self, line: Line) -> str:
        hours = self.dialplan.hours.get(line.hours) if line.hours else None
        closed = hours is not None and not hours.is_open(self.now)
        self.trace.append(f"{line.id}/{'closed' if closed else 'open'}")
        if closed:
            return line.if_closed
        return (self.session.language_known and line.if_language_known) or line.start

    def _enter(self, target: str) -> None:
        """Walk until a step that waits for an answer. Ends, for each step counts against the limit."""
        pending: str | None = target
        while pending is not None:
            pending = self._enter_one(pending)

    def _enter_one(self, target: str) -> str | None:
        if target == OPERATOR:
            target = (self.line.operator if self.line else None) or GOODBYE
        entered = self.dialplan.steps.get(target)
        if target == GOODBYE or entered is None:  # None: the dialplan was changed under the call
            self.say_goodbye()
            return None
        self.session = replace(self.session, steps=self.session.steps + 1)
        if self._walked_too_far():
            self.trace.append(f"{self.session.line}/{entered.id}/step-limit")
            return self.last_chance()
        self.entered.append(entered.id)
        return self._perform(entered)

    def _walked_too_far(self) -> bool:
        line = self.line
        if line is None:
            return True
        grace = GRACE_STEPS if self.session.last_chance else 0
        return self.session.steps > line.limits.steps + grace

    def _perform(self, entered: DialplanStep) -> str | None:
        """The next target, or None when an answer is waited for."""
        match entered:
            case Menu() | Question():
                self.ask(Asking(entered.id))
            case Hook():
                self.session = replace(self.session, state=Hooking(entered.id))
                self.actions.append(self._call_hook(entered))
            case Message():
                self.session = replace(self.session, state=Playing(entered.id, entered.then))
                self.actions.append(Play(said(entered.prompts, self.session.values)))
            case Wait():
                self.session = replace(self.session, state=Waiting(entered.id))
                self.actions.append(self._enter_queue(entered))
            case TransferOut():
                self.session = replace(self.session, state=Transferring(entered.id))
                self.actions.append(Transfer(entered.number, entered.ring_for))
            case Voicemail():
                self._record(TakingMessage(entered.id, self.session.steps), self._said(entered.prompts))
            case CallBack():
                self._begin_call_back(entered)
            case Farewell():
                self._say_last(entered.prompts)
            case Language() | ByHours() | Choose() | SetValues() | OtherLine():
                return self._pass_through(entered)
            case _:
                assert_never(entered)
        return None

    def _begin_call_back(self, entered: CallBack) -> None:
        values, caller = self.session.values, self.session.caller
        number = as_number(values.get(entered.number, "") if entered.number else caller)
        if number:
            self.check_number(CheckingNumber(entered.id, number, own=True))
        elif entered.may_type:
            self.ask(TypingNumber(entered.id), self._said(entered.prompts))
        else:
            self.session = replace(self.session, state=Playing(entered.id, entered.if_refused))
            self.note("if-refused no-number")
            self.actions.append(Play((CallBackPrompt.REFUSED,)))

    def check_number(self, state: CheckingNumber) -> None:
        self.session = replace(self.session, state=state)
        self.actions.append(CheckNumber(state.number))

    def _said(self, sayings: tuple[Saying, ...]) -> tuple[Said, ...]:
        return said(sayings, self.session.values)

    def _pass_through(self, entered: Language | ByHours | Choose | SetValues | OtherLine) -> str:
        """Steps that answer no input: the target behind them."""
        match entered:
            case Language():
                self.speak(entered.language)
                return entered.then
            case ByHours():
                hours = self.dialplan.hours.get(entered.hours)
                is_open = hours is None or hours.is_open(self.now)
                self.trace.append(f"{self.session.line}/{entered.id}/{'open' if is_open else 'closed'}")
                return entered.if_open if is_open else entered.if_closed
            case Choose():
                return self._first_that_holds(entered)
            case SetValues(values=values):
                self.session = replace(self.session, values={**self.session.values, **values})
                return entered.then
            case OtherLine():
                line = self.dialplan.lines.get(entered.line)
                if line is None:
                    return GOODBYE
                self.session = replace(self.session, line=line.id)
                return self._start_of(line)
            case _:
                assert_never(entered)

    def _first_that_holds(self, choose: Choose) -> str:
        for number, rule in enumerate(choose.rules, 1):
            hours = self.dialplan.hours
            if holds(rule.condition, choose.id, self.session, hours, self.world, self.now):
                self.trace.append(f"{self.session.line}/{choose.id}/rule-{number}")
                return rule.then
        self.trace.append(f"{self.session.line}/{choose.id}/otherwise")
        return choose.otherwise

    def _call_hook(self, hook: Hook) -> CallHook:
        values = self.session.values
        sent = values if hook.send is None else {name: values[name] for name in hook.send if name in values}
        return CallHook(
            url=hook.url,
            step=hook.id,
            visit=self.session.steps,
            values=dict(sent),
            said=said(hook.prompts, values),
            deadline=hook.deadline,
            tries=hook.tries,
        )

    def _enter_queue(self, wait: Wait) -> EnterQueue:
        return EnterQueue(
            queue=wait.queue,
            needs=tuple(self._need(need) for need in wait.needs),
            priority=wait.priority,
            announcements=wait.announcements,
            leave_keys="".join(wait.leave_keys),
            whisper=wait.whisper,
        )

    def _need(self, need: Need) -> Need:
        return replace(need, skill=self.session.language) if need.skill == CALLER_LANGUAGE else need
