"""The parts that handle work items on phones, made of the rest of the server."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from acd.core.words import QueueId
from acd.core.work import WorkId
from acd.core.work_events import TranscriptCame
from acd.service import AcdService
from ivr.asterisk.agi import AgiHandler
from ivr.asterisk.call_control import CallControl
from ivr.calls import CallDesk
from ivr.dialplan.loader import Loaded
from ivr.flow.actions import EnterQueue
from ivr.flow.model import Wait
from ivr.numbers import dialable
from ivr.speech.transcribe import Transcript
from ivr.work.calling import Asked
from ivr.work.customer import CustomerDesk
from ivr.work.desk import WorkDesk
from ivr.work.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The FastAGI routes `work`, `asked` and `customer`."""

    legs: WorkDesk
    asked: Asked
    customers: CustomerDesk

    def attach(self, control: CallControl) -> None:
        """From now on they report to `control`."""
        self.legs.control = control
        self.customers.control = control

    @property
    def routes(self) -> dict[str, AgiHandler]:
        return {"work": self.legs.take, "asked": self.asked.take, "customer": self.customers.take}


def works_of(desk: CallDesk, loaded: Callable[[], Loaded], answered: Callable[[str], None]) -> Works:
    """`loaded`: the dialplan as it is now; `answered`: told the call of a customer who is on the line."""

    def language() -> str:
        return loaded().media.languages[0]

    sounds = desk.equipment.sounds
    house = (
        None
        if sounds is None
        else House(
            service=desk.service,
            sounds=sounds,
            language=language,
            dialable=lambda number: dialable(number, desk.promising.region, desk.shelf.live.may_dial),
            line_number=lambda line: line_number(desk, line),
            topics=lambda queue: tuple(loaded().names.topics),
            departments=lambda queue: tuple(loaded().names.departments),
            transcribe=lambda recording, language: desk.promising.made(recording, language),
        )
    )
    legs = WorkDesk(house)
    desk.key_elsewhere = legs.key
    return Works(
        legs=legs,
        asked=Asked(desk.service, lambda wanted: wanted or language()),
        customers=CustomerDesk(desk.service, desk.guests, lambda queue: waiting_in(desk, queue), answered),
    )


def connect_recordings(desk: CallDesk, loaded: Callable[[], Loaded]) -> None:
    """Messages get their texts and stay as long as their queue says, and while their work item is open."""
    equipment, service = desk.equipment, desk.service
    if equipment.recordings is not None:
        rules = equipment.recordings.rules
        equipment.recordings.rules = replace(
            rules,
            by_queue=lambda: {str(queue): days for queue, days in loaded().media.messages_kept.items()},
            in_use=lambda id_: _work_of(service, id_) is not None,
        )
    transcripts = equipment.transcripts
    if transcripts is not None:
        desk.promising.made = lambda recording, language: transcripts.add(recording)
        transcripts.on_transcript = lambda id_, transcript: _tell_text(service, id_, transcript)


def _work_of(service: AcdService, recording: str) -> WorkId | None:
    """The open work item that it belongs to."""
    for item in service.center.state.work.values():
        if any(message.recording == recording for message in item.messages):
            return item.id
    return None


def _tell_text(service: AcdService, recording: str, transcript: Transcript) -> None:
    work = _work_of(service, recording)
    if work is not None:
        service.post(
            TranscriptCame(
                at=service.now(),
                work=work,
                recording=recording,
                text=transcript.text,
                confidence=transcript.confidence,
            )
        )


def line_number(desk: CallDesk, line: str) -> str:
    """The first number of a line, in the form that is dialled; '' where it has none."""
    found = desk.shelf.live.plan.lines.get(line)
    return next((number for number in found.numbers if number.isdigit()), "") if found else ""


def waiting_in(desk: CallDesk, queue: QueueId) -> EnterQueue:
    """How callers of the live dialplan wait in this queue, without keys that lead elsewhere."""
    for step in desk.shelf.live.plan.steps.values():
        if isinstance(step, Wait) and step.queue == queue:
            return EnterQueue(queue=queue, announcements=step.announcements, whisper=step.whisper)
    return EnterQueue(queue=queue)
