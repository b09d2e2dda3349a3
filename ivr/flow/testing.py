"""A scripted caller in virtual time: a dialplan is tried without a telephone, in microseconds.

    transcript = call(dialplan, "100", [*press("12"), Silence(), CallerGone()], at=noon)
    transcript.trace, transcript.heard, transcript.last

The script holds inputs for the moments at which the dialogue listens, records, waits or transfers. `PlayDone`
comes by itself, and so does what a switch and a centre answer that refuse nothing: a number can be called, a
promise is taken down. When the script is over, the caller stays as they are.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
from ivr.flow.inputs import (
    Heard,
    Input,
    KeyPressed,
    KeysEntered,
    NumberChecked,
    PlayDone,
    Promised,
    Recorded,
    Silence,
    Started,
)
from ivr.flow.model import Dialplan
from ivr.flow.said import Said
from ivr.flow.session import Session, start, step

PROMPT_FOR = 3.0
"""Length of a prompt, unless the caller of `call` knows better."""


def press(keys: str) -> list[Input]:
    """One key after the other, each when the dialogue listens."""
    return [KeyPressed(key) for key in keys]


def type_in(keys: str) -> Input:
    """Several keys as one answer."""
    return KeysEntered(keys)


def say(text: str, confidence: float = 0.95) -> Input:
    """Words, as a recogniser gives them back."""
    return Heard(text, confidence)


def speak(recording: str, seconds: float = 10.0) -> Input:
    """Into a message."""
    return Recorded(recording, seconds)


@dataclass(frozen=True, slots=True)
class Transcript:
    session: Session
    trace: tuple[str, ...]
    heard: tuple[tuple[str, Said], ...]
    """(language, prompt or piece) in order. A key interrupts nothing here: prompts count as heard."""
    actions: tuple[Action, ...]
    inputs: int
    """Given to the interpreter, `PlayDone` and `Started` included."""
    lasted_for: float
    """Seconds of prompts and of silent waiting for keys."""

    @property
    def last(self) -> Action | None:
        return self.actions[-1] if self.actions else None

    @property
    def queue(self) -> str:
        """The queue in which the caller is; '' if in none."""
        return self.last.queue if isinstance(self.last, EnterQueue) and not self.session.ended else ""

    @property
    def kept(self) -> tuple[KeepMessage, ...]:
        """Messages that were put down."""
        return tuple(action for action in self.actions if isinstance(action, KeepMessage))

    @property
    def promised(self) -> tuple[PromiseCallBack, ...]:
        """Call-backs that were taken down."""
        return tuple(action for action in self.actions if isinstance(action, PromiseCallBack))

    @property
    def prompts(self) -> tuple[Said, ...]:
        return tuple(prompt for _, prompt in self.heard)


class _Call:
    def __init__(
        self,
        dialplan: Dialplan,
        session: Session,
        at: datetime,
        length: Callable[[str, Said], float],
        agreeable: bool,
    ) -> None:
        self.agreeable = agreeable
        self.dialplan = dialplan
        self.session = session
        self.now = at
        self.began_at = at
        self.length = length
        self.trace: list[str] = []
        self.heard: list[tuple[str, Said]] = []
        self.actions: list[Action] = []
        self.inputs = 0

    def give(self, given: Input) -> None:
        self.inputs += 1
        done = step(self.dialplan, self.session, given, self.now)
        self.session = done.session
        self.trace += done.trace
        for action in done.actions:
            self._notice(action)

    def _notice(self, action: Action) -> None:
        self.actions.append(action)
        match action:
            case Play(said=said) | Ask(said=said) | CallHook(said=said) | Record(said=said):
                for prompt in said:
                    self.heard.append((self.session.language, prompt))
                    self.wait(self.length(self.session.language, prompt))
            case Answer() | SetLanguage() | EnterQueue() | Transfer() | HangUp():
                pass
            case KeepMessage() | DropRecordings() | CheckNumber() | PromiseCallBack():
                pass

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def go_on(self) -> None:
        """Until the caller, a queue or a service has to act."""
        while not self.session.ended and (given := self._by_itself()) is not None:
            self.give(given)

    def _by_itself(self) -> Input | None:
        match self.actions[-1] if self.actions else None:
            case Play():
                return PlayDone()
            case CheckNumber(number=number) if self.agreeable:
                return NumberChecked(number, ok=True)
            case KeepMessage() | PromiseCallBack() if self.agreeable:
                return Promised(ok=True)
            case _:
                return None


def call(
    dialplan: Dialplan,
    line: str,
    script: Iterable[Input],
    *,
    at: datetime,
    caller: str = "0501234567",
    length: Callable[[str, Said], float] = lambda language, prompt: PROMPT_FOR,
    remembered: str | None = None,
    hears: Collection[str] = (),
    agreeable: bool = True,
) -> Transcript:
    """Call `line` (a number or an id) at `at` (aware) and act by the script. `length` is in seconds.

    Not `agreeable`: the script says which numbers can be called and what becomes of promises.
    """
    session = start(dialplan, line, caller, at, remembered=remembered, hears=hears)
    talk = _Call(dialplan, session, at, length, agreeable)
    talk.give(Started())
    talk.go_on()
    for given in script:
        if talk.session.ended:
            break
        if isinstance(given, Silence) and isinstance(talk.actions[-1], Ask):
            talk.wait(talk.actions[-1].wait_for)
        if isinstance(given, Recorded):
            talk.wait(given.seconds)
        talk.give(given)
        talk.go_on()
    return Transcript(
        session=talk.session,
        trace=tuple(talk.trace),
        heard=tuple(talk.heard),
        actions=tuple(talk.actions),
        inputs=talk.inputs,
        lasted_for=(talk.now - talk.began_at).total_seconds(),
    )
