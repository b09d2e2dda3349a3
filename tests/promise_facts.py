"""Facts of work items for tests of the ledger: short makers, and the lives of a few promises."""

from collections.abc import Sequence

from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.facts import Fact, Record
from acd.core.words import CallId, Cause, Ended, OfferId, OperatorId, QueueId
from acd.core.work import Reach, WorkEnd, WorkId, WorkKind, call_of

START = 1_790_000_000.0
OLENA, TARAS = OperatorId("olena"), OperatorId("taras")
POST, METER = QueueId("post"), QueueId("meter")
CALLER = "0501234567"


def made(
    work: int,
    at: float = START,
    kind: WorkKind = WorkKind.CALL_BACK,
    *,
    queue: QueueId = POST,
    caller: str = CALLER,
    due_in: float = 3600.0,
    recording: str = "",
    seconds: float = 0.0,
) -> w.WorkMade:
    return w.WorkMade(
        at=at,
        work=WorkId(work),
        token=f"t{work}",
        promise=kind,
        queue=queue,
        caller=caller,
        line="100",
        language="uk",
        call=CallId(f"{at:.0f}.{work}"),
        waiting_since=at - 90,
        not_before=at,
        due_at=at + due_in,
        recording=recording,
        seconds=seconds,
    )


def taken(work: int, at: float, operator: OperatorId = OLENA) -> w.WorkTaken:
    return w.WorkTaken(at=at, work=WorkId(work), operator=operator, until=at + 900)


def tried(
    work: int, at: float, attempt: int, reach: Reach, *, next_at: float | None = None, talked_for: float = 0.0
) -> w.CustomerTried:
    return w.CustomerTried(
        at=at,
        work=WorkId(work),
        call=call_of(WorkId(work), attempt),
        attempt=attempt,
        reach=reach,
        talked_for=talked_for,
        next_at=next_at,
    )


def dialled(work: int, at: float, attempt: int) -> w.CustomerDialled:
    call = call_of(WorkId(work), attempt)
    return w.CustomerDialled(at=at, work=WorkId(work), call=call, attempt=attempt, until=at + 40)


def broken(work: int, at: float, queue: QueueId = POST) -> w.WorkBroken:
    return w.WorkBroken(at=at, work=WorkId(work), queue=queue)


def closed(
    work: int,
    at: float,
    end: WorkEnd = WorkEnd.CALLED_BACK,
    *,
    kept: bool = True,
    queue: QueueId = POST,
    kind: WorkKind = WorkKind.CALL_BACK,
    operator: OperatorId | None = OLENA,
    topic: str = "",
    by: str = "",
) -> w.WorkClosed:
    return w.WorkClosed(
        at=at,
        work=WorkId(work),
        queue=queue,
        promise=kind,
        end=end,
        kept=kept,
        operator=operator,
        topic=topic,
        by=by,
    )


def offered(work: int, at: float, attempt: int = 1, operator: OperatorId = OLENA) -> f.CallOffered:
    return f.CallOffered(
        at=at,
        offer=OfferId(work * 10 + attempt),
        call=call_of(WorkId(work), attempt),
        operator=operator,
        queue=POST,
        until=at + 15,
        operator_free_at=at,
        pair_at=at,
        waited_for=60.0,
        chosen_for="longest idle",
        work=WorkId(work),
    )


def missed(work: int, at: float, attempt: int = 1, operator: OperatorId = OLENA) -> f.OfferMissed:
    return f.OfferMissed(
        at=at,
        offer=OfferId(work * 10 + attempt),
        call=call_of(WorkId(work), attempt),
        operator=operator,
        queue=POST,
        cause=Cause.NO_ANSWER,
        misses=1,
        set_aside_until=at + 30,
    )


def connected(work: int, at: float, attempt: int = 1, operator: OperatorId = OLENA) -> f.CallConnected:
    return f.CallConnected(
        at=at,
        offer=OfferId(work * 10 + attempt),
        call=call_of(WorkId(work), attempt),
        operator=operator,
        queue=POST,
        waited_for=60.0,
        pair_at=at - 1,
        took_for=1.0,
        work=WorkId(work),
    )


def completed(work: int, at: float, attempt: int = 1, operator: OperatorId = OLENA) -> f.CallCompleted:
    return f.CallCompleted(
        at=at,
        offer=OfferId(work * 10 + attempt),
        call=call_of(WorkId(work), attempt),
        operator=operator,
        queue=POST,
        talked_for=50.0,
        by=Ended.CALLER,
        work=WorkId(work),
    )


def kept_call_back(work: int, at: float = START) -> list[Fact]:
    """Busy, then a talk, in time."""
    return [
        made(work, at),
        dialled(work, at + 60, 1),
        tried(work, at + 80, 1, Reach.BUSY, next_at=at + 200),
        dialled(work, at + 200, 2),
        tried(work, at + 300, 2, Reach.TALKED, talked_for=80.0),
        closed(work, at + 300),
    ]


def voicemail(work: int, at: float = START) -> list[Fact]:
    """Heard, transcribed, claimed, forwarded, handed back; late and still open."""
    who = WorkId(work)
    return [
        made(
            work, at, WorkKind.VOICEMAIL, queue=METER, recording=f"r{work}", seconds=14.5, caller="0937654321"
        ),
        w.WorkTranscribed(
            at=at + 5, work=who, recording=f"r{work}", text="немає світла на Садовій", confidence=0.82
        ),
        taken(work, at + 100),
        w.WorkForwarded(
            at=at + 160, work=who, operator=OLENA, department="networks", note="вулиця Садова, 12"
        ),
        w.WorkReturned(at=at + 900, work=who, operator=None, reason="not our street", not_before=at + 900),
        w.WorkRaised(at=at + 2700, work=who, priority=10),
        broken(work, at + 3600, METER),
    ]


def noted(work: int, at: float, operator: OperatorId = OLENA, text: str = "кабель на розі") -> list[Fact]:
    """A spoken note, and its text."""
    who, recording = WorkId(work), f"n{work}"
    return [
        w.WorkNoted(at=at, work=who, operator=operator, recording=recording, seconds=4.5),
        w.WorkTranscribed(at=at + 3, work=who, recording=recording, text=text, confidence=0.7),
    ]


def a_few(at: float = START) -> list[Fact]:
    """1 kept, 2 late and open, 3 called off, 4 claimed, with a note, 5 kept late, 6 its caller is here."""
    return [
        *kept_call_back(1, at),
        *voicemail(2, at + 10),
        made(3, at + 20, caller="0671112233"),
        closed(3, at + 50, WorkEnd.CANCELLED, kept=False, operator=None, by="caller"),
        made(4, at + 30, caller="0509998877", due_in=7200),
        taken(4, at + 60, TARAS),
        *noted(4, at + 65, TARAS),
        made(5, at + 40, caller="0445556677"),
        broken(5, at + 3640),
        closed(5, at + 4000, WorkEnd.HANDLED, kept=False, topic="tariff"),
        made(6, at + 45, caller="", due_in=9000),
        w.CallerReturned(at=at + 70, work=WorkId(6), call=CallId("1790000070.9")),
    ]


def records(facts: Sequence[Fact], first: int = 1) -> list[Record]:
    """In the order of time, as a journal has them."""
    ordered = sorted(facts, key=lambda fact: fact.at)
    return [Record(seq, fact) for seq, fact in enumerate(ordered, start=first)]
