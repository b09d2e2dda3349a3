"""The bounded buffer before the broker, and what an id becomes in a topic."""

import json
from pathlib import Path

import pytest

from acd.core.facts import CallEntered, OperatorFreed, Record
from acd.core.words import CallId, OperatorId, QueueId
from acd.mqtt.broker import broker_from
from acd.mqtt.buffer import Buffer, Gap
from acd.mqtt.topics import fact_payload, topic_part
from tests.promise_facts import voicemail


def record(seq: int) -> Record:
    return Record(seq, OperatorFreed(at=float(seq), operator=OperatorId("olha")))


def seqs(batch: list[Gap | Record]) -> list[object]:
    return [item.seq if isinstance(item, Record) else item for item in batch]


def test_a_fact_stays_until_it_is_acknowledged() -> None:
    buffer = Buffer(limit=10, again=0)
    buffer.put([record(1), record(2), record(3)])
    assert seqs(buffer.batch(2)) == [1, 2]
    buffer.acknowledge(buffer.batch(1))
    assert seqs(buffer.batch(5)) == [2, 3]
    assert len(buffer) == 2


def test_beyond_the_limit_the_oldest_are_given_up_and_named_as_a_gap() -> None:
    buffer = Buffer(limit=3, again=0)
    buffer.put([record(seq) for seq in range(1, 8)])
    assert seqs(buffer.batch(5)) == [Gap(1, 4, 4), 5, 6, 7]
    assert buffer.dropped == 4
    buffer.acknowledge(buffer.batch(5))
    assert buffer.batch(5) == []


def test_a_gap_that_grows_while_it_is_told_is_told_again_for_its_rest() -> None:
    buffer = Buffer(limit=2, again=0)
    buffer.put([record(seq) for seq in range(1, 5)])
    on_the_way = buffer.batch(1)
    buffer.put([record(5), record(6), record(7)])
    buffer.acknowledge(on_the_way)
    assert seqs(buffer.batch(5)) == [Gap(4, 5, 2), 6, 7]


def test_what_arrived_although_given_up_is_not_in_the_gap() -> None:
    buffer = Buffer(limit=2, again=0)
    buffer.put([record(1), record(2)])
    on_the_way = buffer.batch(2)
    buffer.put([record(3), record(4), record(5)])
    buffer.acknowledge(on_the_way)
    assert seqs(buffer.batch(5)) == [Gap(3, 3, 1), 4, 5]


def test_after_a_lost_connection_the_last_acknowledged_go_once_more_first() -> None:
    buffer = Buffer(limit=10, again=2)
    buffer.put([record(seq) for seq in range(1, 7)])
    buffer.acknowledge(buffer.batch(4))
    buffer.send_again()
    assert seqs(buffer.batch(5)) == [3, 4]
    buffer.acknowledge(buffer.batch(5)[:1])
    buffer.send_again()
    assert seqs(buffer.batch(5)) == [3, 4]
    buffer.acknowledge(buffer.batch(5))
    assert seqs(buffer.batch(5)) == [5, 6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("billing", "billing"),
        ("a/b", "a%2Fb"),
        ("a+#", "a%2B%23"),
        ("100%", "100%25"),
        ("$SYS", "%24SYS"),
        ("", "%"),
        ("пошта", "пошта"),
        ("a\0\nb", "a%00%0Ab"),
        ("\ud800", "\ufffd"),
    ],
)
def test_an_id_is_one_level_of_a_topic(text: str, expected: str) -> None:
    assert topic_part(text) == expected


def test_callers_numbers_leave_masked_unless_asked_for() -> None:
    entered = CallEntered(
        at=1.0,
        call=CallId("1.1"),
        queue=QueueId("billing"),
        caller="0501234567",
        line="100",
        priority=0,
        needs=(),
        waiting_since=1.0,
    )
    masked = json.loads(fact_payload(Record(7, entered), "main", full_numbers=False))
    full = json.loads(fact_payload(Record(7, entered), "main", full_numbers=True))
    assert (masked["seq"], masked["fact"]["kind"], masked["fact"]["caller"]) == (
        7,
        "CallEntered",
        "050***4567",
    )
    assert full["fact"]["caller"] == "0501234567"


def test_the_brokers_address(tmp_path: Path) -> None:
    plain = broker_from("mqtt://dzvin:p%40ss@broker")
    assert (plain.host, plain.port, plain.user, plain.password, plain.tls) == (
        "broker",
        1883,
        "dzvin",
        "p@ss",
        False,
    )
    assert "p@ss" not in repr(plain)
    secret = tmp_path / "secret"
    secret.write_text("from file\n")
    safe = broker_from("mqtts://dzvin@broker", secret)
    assert (safe.port, safe.password, safe.tls) == (8883, "from file", True)
    with pytest.raises(ValueError, match="mqtt://host:1883"):
        broker_from("http://broker")


def test_what_people_said_stays_here_unless_asked_for() -> None:
    payloads = [fact_payload(Record(1, fact), "main", False).decode() for fact in voicemail(2)]
    whole = [fact_payload(Record(1, fact), "main", True).decode() for fact in voicemail(2)]
    kinds = [json.loads(payload)["fact"]["kind"] for payload in payloads]
    assert kinds[:4] == ["WorkMade", "WorkTranscribed", "WorkTaken", "WorkForwarded"]
    said = "".join(json.dumps(json.loads(payload), ensure_ascii=False) for payload in payloads)
    known = "".join(json.dumps(json.loads(payload), ensure_ascii=False) for payload in whole)
    for words in ("немає світла", "вулиця Садова", "not our street", "0937654321"):
        assert words not in said
        assert words in known
