"""Snapshots: made when something changed and somebody looks, at a bounded pace and cost."""

import asyncio
import json
import time

import pytest

from acd.core.facts import CallEntered, OperatorFreed
from acd.core.facts import Record as R
from acd.core.words import CallId, OperatorId, QueueId
from acd.web.encode import SnapshotText, facts_text, first_calls
from acd.web.live import FactBuffer
from acd.web.snapshots import Snapshots
from tests.web_center import START, FakeCenter, call, operator, queue

_FREED = OperatorFreed(at=START, operator=OperatorId("o1"))


def test_only_the_first_calls_of_each_queue_are_shown() -> None:
    calls = [call(f"w{n}", n) for n in range(30, 0, -1)] + [
        call(f"t{n}", None, since=float(n)) for n in range(5)
    ]
    calls += [call("b1", 1, queue=QueueId("business"))]
    shown = first_calls(calls, 3)
    assert [c.id for c in shown] == ["b1", "w1", "w2", "w3", "t0", "t1", "t2"]


def test_a_snapshot_is_json_with_the_names_of_the_views() -> None:
    center = FakeCenter(queue('Черга "1" <b>'), operators=[operator("o1", "Анна")])
    center.calls = (call("c1", 1),)
    data = json.loads(SnapshotText(10).of(center.view(), center.health(), "v1"))
    assert data["type"] == "snapshot"
    assert data["page"] == "v1"
    assert data["queues"][0]["name"] == 'Черга "1" <b>'
    assert data["operators"][0]["activity"] == "idle"
    assert data["calls"][0]["caller"] == "050***4567"
    assert data["health"]["switch_up"] is True


def test_kept_rows_never_show_an_old_state() -> None:
    center = FakeCenter(queue(waiting=1), operators=[operator("o1", "A"), operator("o2", "B")])
    encoder = SnapshotText(10)
    before = json.loads(encoder.of(center.view(), center.health(), ""))
    center.set_queue(waiting=2)
    center.operators = (operator("o2", "B", activity="talking"),)
    after = json.loads(encoder.of(center.view(), center.health(), ""))
    assert [q["waiting"] for q in before["queues"] + after["queues"]] == [1, 2]
    assert [(o["id"], o["activity"]) for o in after["operators"]] == [("o2", "talking")]


def test_a_number_is_masked_wherever_it_leaves() -> None:
    entered = CallEntered(
        at=START,
        call=CallId("c1"),
        queue=QueueId("q"),
        caller="0501234567",
        line="100",
        priority=0,
        needs=(),
        waiting_since=START,
    )
    text = facts_text([R(1, entered)])
    assert "0501234567" not in text
    fact = json.loads(text)["records"][0]["fact"]
    assert (fact["kind"], fact["caller"]) == ("CallEntered", "050***4567")
    center = FakeCenter()
    center.calls = (call("c1", 1, caller="+380501234567"),)
    assert "0501234567" not in SnapshotText(5).of(center.view(), center.health(), "")


def test_facts_for_a_slow_client_are_bounded_and_the_loss_is_said() -> None:
    buffer = FactBuffer(limit=3)
    buffer([R(n, _FREED) for n in range(1, 3)])
    buffer([R(n, _FREED) for n in range(3, 8)])
    message = json.loads(buffer.take())
    assert [record["seq"] for record in message["records"]] == [5, 6, 7]
    assert message["lost"] == 4
    buffer([R(8, _FREED)])
    assert json.loads(buffer.take())["lost"] == 0


async def test_without_anybody_looking_the_centre_is_not_asked() -> None:
    center = FakeCenter()
    snapshots = Snapshots(center, page="", every_for=0.01, beat_for=0.02)
    task = asyncio.create_task(snapshots.run())
    for _ in range(20):
        center.happen(_FREED)
        await asyncio.sleep(0.005)
    task.cancel()
    assert center.views == 0


async def test_a_change_reaches_a_watcher_at_a_bounded_pace() -> None:
    center = FakeCenter()
    snapshots = Snapshots(center, page="", every_for=0.1, beat_for=60.0, share=1.0)
    task = asyncio.create_task(snapshots.run())
    snapshot, started = snapshots.current(), time.monotonic()
    for _ in range(5):
        center.happen(_FREED)
        waiter = asyncio.create_task(snapshots.newer_than(snapshot.number))
        while not waiter.done():
            center.happen(_FREED)
            await asyncio.sleep(0.005)
        snapshot = waiter.result()
    task.cancel()
    assert time.monotonic() - started >= 0.49
    assert center.views == 6


async def test_a_calm_centre_still_beats() -> None:
    center = FakeCenter()
    snapshots = Snapshots(center, page="", every_for=0.01, beat_for=0.05)
    task = asyncio.create_task(snapshots.run())
    first = snapshots.current()
    async with asyncio.timeout(5):
        second = await snapshots.newer_than(first.number)
    task.cancel()
    assert second.number == 2


async def test_a_costly_snapshot_is_made_less_often() -> None:
    center = FakeCenter()
    view = center.view

    def slow(calls_per_queue: int | None = None) -> object:
        time.sleep(0.02)
        return view(calls_per_queue)

    center.view = slow  # type: ignore[assignment, method-assign]
    snapshots = Snapshots(center, page="", every_for=0.01, share=0.005)
    first = snapshots.current()
    assert first.cost_for >= 0.02
    center.happen(_FREED)
    await asyncio.sleep(0.1)
    assert snapshots.current() is first, "20 ms at a share of 0.5 % allow the next after 4 s"


@pytest.mark.parametrize("look_at_once", [True, False])
async def test_a_reader_of_the_newest_skips_those_between(look_at_once: bool) -> None:
    center = FakeCenter()
    snapshots = Snapshots(center, page="", every_for=0.0)
    first = last = snapshots.current()
    for _ in range(1 if look_at_once else 5):
        center.happen(_FREED)
        await asyncio.sleep(last.cost_for / 0.05 + 0.01)
        last = snapshots.current()
    newest = await snapshots.newer_than(first.number)
    assert newest.number == (2 if look_at_once else 6)
