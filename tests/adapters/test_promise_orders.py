"""Orders about promises from a command and over the web, to a real centre with its journal."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.clock import Clock
from acd.core.center import Center
from acd.core.promise import Deed, Outcome, Promise
from acd.core.testing.fakes import RecordingSwitch
from acd.core.views import CenterView
from acd.core.work import WorkId, WorkKind, WorkStage
from acd.core.work_events import TranscriptCame, WorkPromised
from acd.service import AcdService
from acd.storage import JournalSettings, SqlJournal, open_journal
from acd.web import Health, WebServer
from ivr.config import Settings, load_settings
from ivr.control import ControlServer
from ivr.errors import Plain
from ivr.promise_orders import PromiseOrders
from ivr.promises import order
from tests.promise_facts import POST
from tests.unit.core_kit import operator, queue, settings
from tests.web_center import health

PATIENT = JournalSettings(patience=10, close_for=10)
TOKEN = "a-token-that-nobody-guesses"


class House:
    """A server without a telephone: centre, journal, orders, web."""

    def __init__(self, where: Settings, journal: SqlJournal, service: AcdService) -> None:
        self.where, self.journal, self.service = where, journal, service
        self.orders = PromiseOrders(service, journal.promises)
        self.base = ""
        self._tokens = 0

    def view(self, calls_per_queue: int | None = None) -> CenterView:
        return self.service.view(calls_per_queue)

    def add_sink(self, sink: Any) -> None:
        self.service.add_sink(sink)

    def health(self) -> Health:
        return health()

    async def promise(self, kind: WorkKind = WorkKind.CALL_BACK, caller: str = "0501234567") -> None:
        self._tokens += 1
        recording = f"r{self._tokens}" if kind is WorkKind.VOICEMAIL else ""
        outcome = await self.service.ask(
            WorkPromised(
                at=self.service.now(),
                token=f"t{self._tokens}",
                promise=kind,
                queue=POST,
                caller=caller,
                recording=recording,
                seconds=5.0,
            )
        )
        assert outcome.refusal is None

    async def command(self, what: str, work: int, **given: str) -> str:
        return await asyncio.to_thread(order, self.where, what, work, given)

    async def row(self, work: int = 1) -> Promise:
        found = await self.journal.promises.one(work)
        assert found is not None
        return found


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as found:
        yield found


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[House]:
    where = load_settings(run_folder=tmp_path / "run")
    where.run_folder.mkdir(parents=True, exist_ok=True)
    journal = await open_journal(where.database, where.run_folder / "journal", PATIENT)
    rules = settings(queue("post", leave_if_nobody_logged_in=False), operator("olena", "post"))
    center = Center.restore(rules, await journal.load(), 0.0)
    service = AcdService(center, journal, Clock())
    service.attach(RecordingSwitch())
    found = House(where, journal, service)
    running = asyncio.create_task(service.run())
    commands = ControlServer(where.run_folder, found.orders.orders())
    await commands.start()
    web = WebServer("127.0.0.1", 0, found, promises=found.orders, api_token=TOKEN)
    await web.start()
    found.base = "http://{}:{}".format(*web.address)
    yield found
    await web.stop()
    await commands.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await journal.close()


async def test_a_promise_goes_through_the_house_by_commands(house: House) -> None:
    await house.promise(WorkKind.VOICEMAIL)
    assert await house.command("claim", 1, operator="olena") == "Promise 1 is claimed."
    assert (await house.row()).stage is WorkStage.CLAIMED
    said = await house.command("forward", 1, operator="olena", department="networks", note="Sadova 12")
    assert said == "Promise 1 is passed on."
    assert ((await house.row()).holder, (await house.row()).note) == ("networks", "Sadova 12")
    assert "handed back" in await house.command("back", 1, reason="not ours")
    assert (await house.row()).returned_because == "not ours"
    await house.command("claim", 1, operator="olena")
    await house.command("release", 1, operator="olena")
    assert (await house.row()).holder == ""
    assert await house.command("close", 1, topic="light") == "Promise 1 is closed."
    row = await house.row()
    assert (row.outcome, row.topic, row.is_open) == (Outcome.KEPT, "light", False)
    assert [entry.what for entry in row.history] == [
        Deed.MADE,
        Deed.TAKEN,
        Deed.FORWARDED,
        Deed.HANDED_BACK,
        Deed.TAKEN,
        Deed.LET_GO,
        Deed.CLOSED,
    ]


async def test_a_text_that_comes_after_the_end_is_on_record(house: House) -> None:
    await house.promise(WorkKind.VOICEMAIL)
    await house.command("close", 1)
    await house.service.ask(
        TranscriptCame(at=house.service.now(), work=WorkId(1), recording="r1", text="світло", confidence=0.8)
    )
    (message,) = (await house.row()).messages
    assert (message.text, message.confidence) == ("світло", 0.8)


@pytest.mark.parametrize(
    ("what", "work", "given", "sentence"),
    [
        ("claim", 7, {"operator": "olena"}, "no open promise 7"),
        ("claim", 1, {"operator": "nobody"}, "There is no operator nobody."),
        ("claim", 1, {}, "'operator' is missing."),
        ("release", 1, {"operator": "olena"}, "does not have promise 1"),
        ("forward", 1, {"operator": "olena", "department": "networks"}, "must be claimed first"),
        ("back", 1, {"reason": "x"}, "does not have promise 1"),
        ("cancel", 7, {"by": "me"}, "no open promise 7"),
        ("cancel", 1, {"by": "two\nlines"}, "one line"),
        ("explode", 1, {}, "There is no order 'explode'"),
    ],
)
async def test_refusals_are_sentences_and_change_nothing(
    house: House, what: str, work: int, given: dict[str, str], sentence: str
) -> None:
    await house.promise()
    before = await house.row()
    with pytest.raises(Plain, match=sentence):
        await house.command(what, work, **given)
    assert await house.row() == before


async def test_the_same_orders_over_the_web(house: House) -> None:
    await house.promise()
    headers = {"Authorization": f"Bearer {TOKEN}"}

    async def post(path: str, **fields: str) -> tuple[int, Any]:
        url = f"{house.base}/api/promises/{path}"
        async with client.post(url, json=fields, headers=headers) as answer:
            return answer.status, json.loads(await answer.text())

    async with aiohttp.ClientSession() as client:
        status, body = await post("1/claim", operator="olena")
        assert (status, body["promise"]["stage"], body["promise"]["holder"]) == (200, "claimed", "olena")
        status, body = await post("1/release", operator="nobody")
        assert (status, body["error"]["code"]) == (409, "unknown-operator")
        status, body = await post("1/cancel", by="admin")
        assert (status, body["promise"]["outcome"]) == (200, "called off")
        assert body["promise"]["closed_by"] == "admin"
        status, body = await post("1/close", topic="late")
        assert (status, body["error"]["code"]) == (404, "unknown-work")


async def test_what_was_ordered_outlives_the_server(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.promise()
        await house.promise(WorkKind.VOICEMAIL, "0937654321")
        await house.command("claim", 2, operator="olena")
        rows = [await house.row(1), await house.row(2)]
    async with opened(tmp_path) as again:
        assert [await again.row(1), await again.row(2)] == rows
        shown = {item.id: (item.stage, item.operator) for item in again.view().work}
        assert shown == {1: ("new", None), 2: ("claimed", "olena")}
        assert await again.command("close", 2, operator="olena", topic="light") == "Promise 2 is closed."
