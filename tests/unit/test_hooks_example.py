"""The example service, asked by the server's own web hook client and by plain HTTP."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import aiohttp
import pytest

from ivr.flow.hook import HookAnswer, HookRequest
from ivr.flow.said import Amount, Count, Day
from ivr.hooks.client import HookClient
from ivr.hooks.example import ExampleService
from ivr.hooks.example_company import Taken
from ivr.hooks.failed import HookFailed

TODAY = date(2026, 11, 28)
ON_ITS_WAY, AT_BRANCH, DELIVERED = "2045900000011", "2045900000028", "2045900000035"


class Asker:
    def __init__(self, service: ExampleService) -> None:
        self.service, self.client, self._visit = service, HookClient(), 0

    def question(self, path: str, **values: str) -> HookRequest:
        self._visit += 1
        url = f"{self.service.url}{path}"
        return HookRequest(url, "c1", "270", "ask", self._visit, "uk", "", values, deadline=10.0)

    async def ask(self, path: str, **values: str) -> HookAnswer:
        return await self.client.ask(self.question(path, **values))


@pytest.fixture
async def asker() -> AsyncIterator[Asker]:
    service = ExampleService(today=lambda: TODAY)
    await service.start()
    one = Asker(service)
    yield one
    await one.client.close()
    await service.stop()
    await service.stop()


async def test_accounts(asker: Asker) -> None:
    assert await asker.ask("/meter/account", account="10000001") == HookAnswer("found")
    assert await asker.ask("/meter/account", account="99999999") == HookAnswer("unknown")


async def test_a_reading_is_taken_and_the_next_one_counts_from_it(asker: Asker) -> None:
    first = await asker.ask("/meter/reading", account="10000001", reading="004600")
    assert first == HookAnswer(
        "taken", ("meter-taken", Count(4600), "meter-used", Count(88, "kilowatt-hour"))
    )
    lower = await asker.ask("/meter/reading", account="10000001", reading="4599")
    assert lower == HookAnswer("too-low", ("meter-too-low", Count(4600)))
    same = await asker.ask("/meter/reading", account="10000001", reading="4600")
    assert same.say[-1] == Count(0, "kilowatt-hour")
    assert [taken.values["reading"] for taken in asker.service.taken] == ["004600", "4600"]
    assert asker.service.taken[0] == Taken(
        "reading", {"account": "10000001", "reading": "004600"}, "c1", "270"
    )


async def test_the_same_question_takes_nothing_twice(asker: Asker) -> None:
    question = asker.question("/meter/reading", account="10000002", reading="1000")
    answers = [await asker.client.ask(question) for _ in range(3)]
    assert answers[0].go == "taken"
    assert answers == [answers[0]] * 3
    assert len(asker.service.taken) == 1
    lower = replace(question, url=f"{asker.service.url}/meter/debt")
    assert (await asker.client.ask(lower)).go == "none", "a key belongs to its path"


async def test_debts(asker: Asker) -> None:
    owed = await asker.ask("/meter/debt", account="10000001")
    pay_by = Day(date(2026, 12, 12))
    assert owed == HookAnswer("owes", ("meter-owe", Amount(12550), "meter-pay-by", pay_by))
    assert await asker.ask("/meter/debt", account="10000002") == HookAnswer("none", ("meter-no-debt",))
    assert (await asker.ask("/meter/debt", account="99999999")).go == "unknown"


async def test_where_parcels_are(asker: Asker) -> None:
    arrives = ("parcel-on-its-way", "parcel-arrives", Day(date(2026, 11, 30)))
    kept = ("parcel-at-branch", Count(15), "parcel-kept-until", Day(date(2026, 12, 3)))
    delivered = ("parcel-delivered", Day(date(2026, 11, 25)))
    for parcel, said in ((ON_ITS_WAY, arrives), (AT_BRANCH, kept), (DELIVERED, delivered)):
        answer = await asker.ask("/parcel/where", parcel=parcel)
        assert (answer.go, answer.say) == ("found", said)
    assert (await asker.ask("/parcel/where", parcel="0" * 13)).go == "unknown"


async def test_a_redelivery_changes_where_the_parcel_is(asker: Asker) -> None:
    ordered = await asker.ask("/parcel/redelivery", parcel=AT_BRANCH, day="2026-12-01")
    assert ordered == HookAnswer("taken", ("parcel-redelivery", Day(date(2026, 12, 1))))
    where = await asker.ask("/parcel/where", parcel=AT_BRANCH)
    assert where.say == ("parcel-on-its-way", "parcel-arrives", Day(date(2026, 12, 1)))
    assert (await asker.ask("/parcel/redelivery", parcel=AT_BRANCH, day="2026-11-28")).go == "too-early"
    assert (await asker.ask("/parcel/redelivery", parcel="0" * 13, day="2026-12-01")).go == "unknown"
    assert [taken.what for taken in asker.service.taken] == ["redelivery"]


@pytest.mark.parametrize("what", ["message", "call-back", "survey"])
async def test_what_the_dialplan_leads_on_from_is_kept_as_it_is(asker: Asker, what: str) -> None:
    assert await asker.ask(f"/{what}", score="5", words="дякую") == HookAnswer()
    (taken,) = asker.service.taken
    assert (taken.what, taken.values) == (what, {"score": "5", "words": "дякую"})


async def test_a_comment_is_kept_and_shown(asker: Asker) -> None:
    assert (await asker.ask("/parcel/comment", comment="дуже дякую")).go == "taken"
    spoken = {"comment": "", "comment-recording": "c1-1.wav"}
    assert (await asker.ask("/parcel/comment", **spoken)).go == "taken"
    async with aiohttp.request("GET", f"{asker.service.url}/taken") as response:
        assert await response.json() == [
            {"what": "comment", "values": {"comment": "дуже дякую"}, "call": "c1", "line": "270"},
            {"what": "comment", "values": spoken, "call": "c1", "line": "270"},
        ]


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("/meter/account", b"{", "The body must be JSON."),
        ("/meter/account", b"[" * 15_000, "The body must be JSON."),
        ("/meter/account", b"[]", "The body must be like"),
        ("/meter/account", b'{"values": {"account": 1}}', "all values texts."),
        ("/meter/account", b'{"values": {}}', "values.account must be 8 digits."),
        ("/meter/account", b'{"values": {"account": "1000000"}}', "values.account must be 8 digits."),
        ("/meter/reading", b'{"values": {"account": "10000001"}}', "values.reading must be 1 to 8 digits."),
        ("/parcel/where", b'{"values": {"parcel": "1"}}', "values.parcel must be 13 digits."),
        ("/parcel/redelivery", b'{"values": {"parcel": "2045900000011", "day": "2026-02-30"}}', "values.day"),
        ("/parcel/comment", b'{"values": {"comment": ""}}', "values.comment"),
    ],
)
async def test_a_bad_question_is_told_in_one_sentence(
    asker: Asker, path: str, body: bytes, sentence: str
) -> None:
    async with aiohttp.request("POST", f"{asker.service.url}{path}", data=body) as response:
        assert response.status == 400
        told = await response.text()
    assert sentence in told
    assert told.count("\n") == 1
    assert asker.service.taken == []


async def test_what_is_not_there(asker: Asker) -> None:
    with pytest.raises(HookFailed, match="status 404"):
        await asker.ask("/parcel/lost")
    with pytest.raises(HookFailed, match="status 413"):
        await asker.ask("/parcel/comment", comment="a" * 20_000)


async def test_the_command_answers_until_it_is_told_to_end() -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", "example-service", "--port", "0"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert program.stdout is not None
        first = (await asyncio.wait_for(program.stdout.readline(), 30)).decode()
        url = first.split()[2].rstrip(";")
        account = (await program.stdout.readline()).decode().split()[1].rstrip(",")
        body = json.dumps({"values": {"account": account}})
        async with aiohttp.request("POST", f"{url}/meter/account", data=body) as response:
            assert await response.json() == {"go": "found"}
        assert (await program.stdout.readline()).decode() == "/meter/account: found\n"
        program.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(program.wait(), 10) == 0
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


async def test_a_taken_port_is_told_in_one_sentence(asker: Asker) -> None:
    port = asker.service.url.rpartition(":")[2]
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", "example-service", "--port", port), stderr=asyncio.subprocess.PIPE
    )
    _, told = await asyncio.wait_for(program.communicate(), 30)
    assert program.returncode == 2
    assert told.decode().strip() == (
        f"dzvin: The example service cannot listen on port {port}: the port is taken; choose one with --port."
    )
