"""A call tried without a telephone: the interpreter in virtual time, and all that happens as data.

Pure: only `ivr.flow` is behind it. What the centre, a web service or another phone does is told by whoever
holds the `Trial`. Keys and words come when the prompts are over, so times are those of a caller who listens
to the end; they are in seconds since the call came in.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import assert_never

from acd.core.words import LeaveReason
from ivr.flow.actions import (
    Action,
    Answer,
    Ask,
    CallHook,
    CheckNumber,
    DropRecordings,
    EnterQueue,
    HangUp,
    KeepMessage,
    Play,
    PromiseCallBack,
    Record,
    SetLanguage,
    Transfer,
)
from ivr.flow.conditions import NOWHERE, World
from ivr.flow.hearing import Listen, Miss
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import (
    CallerGone,
    Heard,
    HookAnswered,
    HookFailed,
    Input,
    KeyPressed,
    KeysEntered,
    PlayDone,
    QueueLeft,
    RecogniserBusy,
    RecogniserDead,
    Recorded,
    Silence,
    SpokeTooLong,
    Started,
    TalkOver,
    TransferOver,
)
from ivr.flow.model import Dialplan
from ivr.flow.said import Recording, Said
from ivr.flow.session import Session, start, step
from ivr.flow.wording import normal
from ivr.trial_moments import Kind, Moment, NotNow, QueueEnd, Walked, asked_of, begun, entered
from ivr.trial_work import Check, Work, dropped

__all__ = [
    "KEPT_SOUND",
    "TALK_FOR",
    "Kind",
    "Length",
    "MaxWait",
    "Moment",
    "NotNow",
    "Pending",
    "QueueEnd",
    "Trial",
    "Walked",
]

TALK_FOR = 60.0
"""A talk with an operator or another phone lasts so long."""
KEPT_SOUND = "tried"
"""Id of the recording of free words, which nobody has spoken."""

Length = Callable[[Said, str], float]
"""Seconds of what is said, in a language."""
MaxWait = Callable[[str], float | None]
"""A queue's longest wait in seconds; None: without end."""
Pending = Ask | CallHook | EnterQueue | Transfer | Record
"""What waits for an answer."""


class Trial:
    """One call; it comes in when the object is made and stands at its first question afterwards.

    `line` is a number or an id. ValueError: `at` has no time zone.
    """

    def __init__(
        self,
        dialplan: Dialplan,
        line: str,
        at: datetime,
        *,
        length: Length,
        max_wait: MaxWait = lambda queue: None,
        caller: str = "",
        remembered: str | None = None,
        hears: Collection[str] = (),
        lot: int = 0,
        world: World = NOWHERE,
        check: Check = lambda number: number,
    ) -> None:
        self.dialplan = dialplan
        self.session: Session = start(dialplan, line, caller, at, remembered=remembered, hears=hears, lot=lot)
        self.moments: list[Moment] = []
        self.walked: list[Walked] = []
        self.hooks: list[CallHook] = []
        """All that web services were asked, in order."""
        self.pending: Pending | None = None
        self.work = Work(check)
        """Messages and call-backs."""
        self.hung_up = False
        """By the dialogue, not by the caller."""
        self._at = at
        self._passed = 0.0
        self._since = 0.0
        self._next: Input | None = None
        """What the call goes on with by itself."""
        self._length, self._max_wait, self._world = length, max_wait, world
        self._give(Started())

    @property
    def passed(self) -> float:
        """Seconds since the call came in."""
        return self._passed

    @property
    def now(self) -> datetime:
        return self._at + timedelta(seconds=self._passed)

    # The caller's acts. All raise NotNow.

    def press(self, key: str) -> None:
        """One key: the answer to a menu, all of an entry, or a key that leaves a queue."""
        match self.pending:
            case Ask(entry=None):
                self._does(f"presses {key}")
                self._give(KeyPressed(key))
            case Ask():
                self.type_in(key)
            case EnterQueue():
                self._does(f"presses {key}")
                self._give(KeyPressed(key))
            case _:
                raise NotNow(f"no key is heeded now: {self.where}")

    def type_in(self, keys: str) -> str:
        """Several keys as one answer. What is left over: keys after the end of the entry."""
        if not isinstance(self.pending, Ask):
            raise NotNow(f"no key is heeded now: {self.where}")
        if self.pending.entry is None:
            raise NotNow(f"one key is an answer here, not several: {self.where}")
        typed, taken, paused_for = entered(keys, self.pending.entry)
        self._does(f"types {keys[:taken]}")
        self._passed += paused_for
        self._give(KeysEntered(typed))
        return keys[taken:]

    def say(self, words: str, sure: float = 1.0) -> None:
        """`sure`: the recogniser's confidence, 0 to 1."""
        listen = self._listen()
        self._does(f'says "{words}"' if sure == 1.0 else f'says "{words}", recognised with {sure:g}')
        self._give(Heard(normal(words), sure, KEPT_SOUND if listen.keep else ""))

    def speak(self, seconds: float, words: str = "", *, key: str = "", hangs_up: bool = False) -> None:
        """Into a message, ended by silence, by `key` (other than '#') or by hanging up."""
        asked = self._record_asked()
        ended = " and hangs up" if hangs_up else f" and presses {key}" if key else ""
        told = f'says "{words}"' if words else "speaks"
        self._does(f"{told} for {min(seconds, asked.longest_for):.0f} s{ended}")
        given = self.work.record(asked, seconds, key)
        self._passed += given.seconds + (0.0 if ended else asked.end_after)
        self._give(given)
        if hangs_up and not self.session.ended:
            self._give(CallerGone())

    def fail_recording(self) -> None:
        self._record_asked()
        self._happens("the recording fails")
        self._give(Recorded("", 0.0, failed=True))

    def _record_asked(self) -> Record:
        if not isinstance(self.pending, Record):
            raise NotNow(f"nothing is being recorded: {self.where}")
        return self.pending

    def stay_silent(self) -> None:
        if isinstance(self.pending, Record):
            self._passed += self.pending.end_after
            self._does("says nothing")
            self._give(self.work.record(self.pending, 0.0, ""))
            return
        if not isinstance(self.pending, Ask):
            raise NotNow(f"nobody waits for an answer: {self.where}")
        self._passed += self.pending.wait_for
        self._does("is silent")
        self._give(Silence())

    def fail_to_be_heard(self, miss: Miss) -> None:
        """TOO_LONG, SPEECH_BUSY or SPEECH_DEAD; ValueError: another one."""
        listen = self._listen()
        match miss:
            case Miss.TOO_LONG:
                self._passed += listen.longest_for
                self._does("goes on speaking")
                self._give(SpokeTooLong())
            case Miss.SPEECH_BUSY:
                self._happens("no stream of the recogniser is free")
                self._give(RecogniserBusy())
            case Miss.SPEECH_DEAD:
                self._happens("the recogniser fails")
                self._give(RecogniserDead())
            case _:
                raise ValueError(f"{miss} is none of those")

    def wait(self, seconds: float) -> None:
        """In a queue; at its longest wait the caller leaves it."""
        if not isinstance(self.pending, EnterQueue):
            raise NotNow(f"waiting is for queues: {self.where}")
        limit = self._max_wait(self.pending.queue)
        if limit is not None and self._passed + seconds >= self._since + limit:
            self.leave_queue(QueueEnd.WAITED)
        else:
            self._passed += seconds
            self._does(f"waits {seconds:g} s")

    def hang_up(self) -> None:
        if self.session.ended:
            raise NotNow(self.where)
        self._does("hangs up")
        self._give(CallerGone())

    # Acts of others. All raise NotNow.

    def leave_queue(self, end: QueueEnd) -> None:
        if not isinstance(self.pending, EnterQueue):
            raise NotNow(f"the caller is in no queue: {self.where}")
        match end:
            case QueueEnd.FULL:
                self._queue_left("the queue is full", LeaveReason.QUEUE_FULL)
            case QueueEnd.NOBODY:
                self._queue_left("no operator is logged in", LeaveReason.NOBODY_LOGGED_IN)
            case QueueEnd.WAITED:
                self._passed = max(self._passed, self._since + (self._max_wait(self.pending.queue) or 0.0))
                self._queue_left("the caller has waited too long", LeaveReason.WAITED_TOO_LONG)
            case QueueEnd.TALK:
                self._passed += TALK_FOR
                self._happens("an operator has talked to the caller and hangs up")
                self._give(TalkOver())
            case _:
                assert_never(end)

    def _queue_left(self, text: str, reason: LeaveReason) -> None:
        self._happens(text)
        self._give(QueueLeft(reason))

    def end_transfer(self, answered: bool) -> None:
        if not isinstance(self.pending, Transfer):
            raise NotNow(f"no other number is called: {self.where}")
        self._passed += TALK_FOR if answered else self.pending.ring_for
        self._happens(
            f"{self.pending.number} answered, talked and hung up"
            if answered
            else f"{self.pending.number} does not answer"
        )
        self._give(TransferOver(answered))

    def answer_hook(self, answer: HookAnswer) -> None:
        self._asked_hook()
        self._happens(f"the web service answers {answer.go or 'without a word'}")
        self._give(HookAnswered(answer))

    def fail_hook(self, why: str = "it is down") -> None:
        hook = self._asked_hook()
        self._passed = max(self._passed, self._since + hook.deadline * hook.tries)
        self._happens(f"the web service gives no answer: {why}")
        self._give(HookFailed(why))

    def _asked_hook(self) -> CallHook:
        if not isinstance(self.pending, CallHook):
            raise NotNow(f"no web service is asked: {self.where}")
        return self.pending

    # Where the call stands

    @property
    def where(self) -> str:
        """As a clause: "the caller waits in the queue 'general'"."""
        match self.pending:
            case None:
                return "the call is over"
            case Ask():
                return f"the step '{self.session.step}' waits for an answer"
            case EnterQueue(queue=queue):
                return f"the caller waits in the queue '{queue}'"
            case Transfer(number=number):
                return f"the number {number} is being called"
            case CallHook(step=name):
                return f"the step '{name}' asks its web service"
            case Record():
                return f"the step '{self.session.step}' records a message"
            case _:
                assert_never(self.pending)

    def _listen(self) -> Listen:
        if not isinstance(self.pending, Ask) or self.pending.listen is None:
            raise NotNow(f"nobody listens to words now: {self.where}")
        return self.pending.listen

    # The interpreter

    def _give(self, given: Input) -> None:
        """And all that follows until something waits for an answer again."""
        self._step(given)
        while self._next is not None and not self.session.ended:
            self._step(self._next)

    def _step(self, given: Input) -> None:
        before = self.session.step
        done = step(self.dialplan, self.session, given, self.now, self._world)
        self.session = done.session
        self.walked.append(Walked(before, given, done.entered, done.trace))
        for line in done.trace:
            self._note(Kind.TRACE, line)
        self._next = None
        for action in done.actions:
            self._notice(action)
        if self.session.ended:
            self.pending = None

    def _notice(self, action: Action) -> None:
        match action:
            case Answer():
                pass
            case SetLanguage():
                if action.chosen:
                    self._happens(f"the language is {action.language} from now on")
            case Play():
                self._hears(action.said)
                self._next, self.pending = PlayDone(), None
            case Ask():
                self._hears(action.said)
                self.pending = action
            case CallHook():
                self._since = self._passed
                self.hooks.append(action)
                self._happens(asked_of(action))
                self._hears(action.said)
                self.pending = action
            case EnterQueue() | Transfer():
                self._since = self._passed
                self._happens(begun(action))
                self.pending = action
            case HangUp():
                self.hung_up = True
                self._happens("the dialogue hangs up")
            case Record():
                self._hears(action.said)
                self.pending = action
            case KeepMessage() | DropRecordings() | CheckNumber() | PromiseCallBack():
                self._promises(action)
            case _:
                assert_never(action)

    def _promises(self, action: KeepMessage | DropRecordings | CheckNumber | PromiseCallBack) -> None:
        match action:
            case KeepMessage():
                self._next, told = self.work.keep(action)
            case CheckNumber(number=number):
                self._next, told = self.work.check(number)
            case PromiseCallBack():
                self._next, told = self.work.promise(action, self._at.tzinfo)
            case DropRecordings():
                told = dropped(action)
        self._happens(told)

    def _hears(self, said: tuple[Said, ...]) -> None:
        language = self.session.language
        for part in said:
            self.moments.append(Moment(self._passed, Kind.HEARS, "", part, language))
            kept = self.work.seconds(part.id) if isinstance(part, Recording) else None
            self._passed += self._length(part, language) if kept is None else kept

    def _does(self, text: str) -> None:
        self._note(Kind.DOES, text)

    def _happens(self, text: str) -> None:
        self._note(Kind.HAPPENS, text)

    def _note(self, kind: Kind, text: str) -> None:
        self.moments.append(Moment(self._passed, kind, text))
