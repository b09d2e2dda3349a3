"""A path as text that a person reads: when, what the caller did, what they heard, which way it went."""

from collections.abc import Iterator

from acd.core.words import LeaveReason
from ivr.flow import inputs
from ivr.flow.inputs import Input
from ivr.flow.proof.parts import SERVICE_SAYS, Event, Path
from ivr.flow.said import Amount, Count, Day, Digits, Duration, Recording, Said, TimeOfDay

_LEFT = {
    LeaveReason.QUEUE_FULL: "the queue is full",
    LeaveReason.NOBODY_LOGGED_IN: "nobody is logged in",
    LeaveReason.WAITED_TOO_LONG: "waited too long",
}


def as_transcript(path: Path, indent: str = "  ") -> str:
    """Lines of 'minutes:seconds  what the caller does  way', and below each what is heard."""
    return "\n".join(indent + line for event in path.events for line in _lines(event))


def _lines(event: Event) -> Iterator[str]:
    yield f"{clock(event.at):>6}  {_done(event.given)}: {', '.join(event.trace)}"
    if event.said:
        heard = ", ".join(f"{_name(part)} {seconds:.1f} s" for part, seconds in event.said)
        yield f"        hears in {event.language}: {heard}"
    if event.arrives:
        yield f"        {event.arrives}"


def clock(seconds: float) -> str:
    """'1:05' for 65 seconds, rounded."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _name(part: Said) -> str:
    match part:
        case str():
            return "(what the web service says)" if part == SERVICE_SAYS else part
        case Digits(digits):
            return f"digits {digits}"
        case Count(value):
            return str(value)
        case Amount(minor, currency):
            return f"{minor / 100:.2f} {currency}"
        case Day(day):
            return day.isoformat()
        case TimeOfDay(time):
            return f"{time:%H:%M}"
        case Duration(seconds):
            return f"{seconds} seconds"
        case Recording():
            return "what was recorded"


def _done(given: Input) -> str:
    match given:
        case inputs.Started():
            return "the call comes in"
        case inputs.PlayDone():
            return "heard"
        case inputs.KeyPressed(key):
            return f"presses {key}"
        case inputs.KeysEntered(keys):
            return f"types {keys}"
        case inputs.Heard(text, confidence):
            return f"says '{text}'" + ("" if confidence else ", which is recognised unsurely")
        case inputs.SpokeTooLong():
            return "speaks too long"
        case inputs.RecogniserBusy():
            return "no recogniser is free"
        case inputs.RecogniserDead():
            return "the recogniser fails"
        case inputs.Silence():
            return "says and presses nothing"
        case inputs.HookAnswered(answer) if not answer.say:
            return f"it turns out: {answer.go}"
        case inputs.HookAnswered(answer):
            return f"the web service answers '{answer.go}'" if answer.go else "the web service answers"
        case inputs.HookFailed():
            return "the web service fails"
        case inputs.QueueLeft(reason):
            return _LEFT.get(reason, reason)
        case inputs.TalkOver():
            return "the operator hangs up"
        case inputs.TransferOver(answered):
            return "the transfer is over" if answered else "the transfer is not answered"
        case inputs.Recorded(recording):
            return "leaves a message" if recording else "leaves no message"
        case inputs.NumberChecked(_, ok):
            return "the number can be called back" if ok else "the number cannot be called back"
        case inputs.Promised(ok):
            return "it is taken down" if ok else "it cannot be taken down"
        case _:
            return type(given).__name__
