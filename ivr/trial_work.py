"""Messages and call-backs of a call that is tried: what was recorded and promised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ivr.flow.actions import DropRecordings, KeepMessage, PromiseCallBack, Record
from ivr.flow.inputs import NumberChecked, Promised, Recorded

Check = Callable[[str], str]
"""A number as it would be dialled; '': it cannot be called."""
Outcome = Callable[[KeepMessage | PromiseCallBack], Promised]


@dataclass(frozen=True, slots=True)
class Left:
    """A message that was left."""

    queue: str
    seconds: float


class Work:
    """Of one call. All promises are kept, unless `outcome` says otherwise."""

    def __init__(self, check: Check) -> None:
        self.outcome: Outcome = lambda action: Promised(ok=True)
        self.messages: list[Left] = []
        self.promises: list[PromiseCallBack] = []
        self._check = check
        self._recorded: dict[str, float] = {}

    def record(self, asked: Record, seconds: float, key: str) -> Recorded:
        """What the caller has said; more than is asked for is cut off."""
        if seconds <= 0:
            return Recorded("", 0.0, key=key)
        name = f"tried-{len(self._recorded) + 1}"
        self._recorded[name] = min(seconds, asked.longest_for)
        return Recorded(name, self._recorded[name], key=key)

    def seconds(self, recording: str) -> float:
        return self._recorded.get(recording, 0.0)

    def keep(self, action: KeepMessage) -> tuple[Promised, str]:
        """What came of it, and in words."""
        result = self.outcome(action)
        seconds = sum(map(self.seconds, action.recordings))
        if result.ok:
            self.messages.append(Left(action.queue, seconds))
            return result, f"a message of {seconds:.0f} s is left for the queue {action.queue}"
        return result, f"the message cannot be kept{_why(result)}"

    def promise(self, action: PromiseCallBack, zone: tzinfo | None) -> tuple[Promised, str]:
        result = self.outcome(action)
        if result.ok:
            self.promises.append(action)
            at = datetime.fromtimestamp(action.at, zone) if action.at is not None else None
            when = "in turn" if at is None else f"for {at:%d.%m. %H:%M}"
            return result, f"the queue {action.queue} promises to call {action.number}, {when}"
        return result, f"no call is promised{_why(result)}"

    def check(self, number: str) -> tuple[NumberChecked, str]:
        dialled = self._check(number)
        told = f"{number} can be called" if dialled else f"{number} cannot be called"
        return NumberChecked(dialled or number, ok=bool(dialled)), told


def dropped(action: DropRecordings) -> str:
    many = len(action.recordings)
    return "a recording is dropped" if many == 1 else f"{many} recordings are dropped"


def _why(result: Promised) -> str:
    return f": {result.refused}" if result.refused else ""
