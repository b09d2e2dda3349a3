"""The web hook client and services of all manners: an answer or HookFailed, in time, never anything else."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from datetime import date
from datetime import time as clock
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.errors import Plain
from ivr.flow.hook import HookAnswer, HookRequest
from ivr.flow.said import Amount, Count, Day, Digits, Duration, TimeOfDay
from ivr.free_ports import give_back, take_ports
from ivr.hooks.client import MOST_BYTES, HookClient
from ivr.hooks.failed import HookFailed
from ivr.hooks.rest import AFTER, REST_FOR, Rests
from tests.adapters.hook_peer import HookPeer, Manner, answers, babbles, hangs, never_ends, resets
from tests.machine import stood_still

PARCEL = "2045900000011"
FOUND = answers({"go": "found"})


@pytest.fixture
async def client() -> AsyncIterator[HookClient]:
    one = HookClient()
    yield one
    await one.close()


def question(
    url: str, *, deadline: float = 10.0, tries: int = 2, visit: int = 1, **values: str
) -> HookRequest:
    given = values or {"parcel": PARCEL}
    return HookRequest(
        url, "call 7", "250", "where", visit, "uk", "0501234567", given, deadline=deadline, tries=tries
    )


async def test_the_question_and_the_answer(client: HookClient) -> None:
    said = [
        "parcel-on-its-way",
        {"digits": "0123"},
        {"number": 3, "of": "parcel", "colour": "red"},
        {"number": 999_999_999},
        {"amount": "125.5", "currency": "USD"},
        {"amount": "7"},
        {"date": "2026-11-30"},
        {"time": "14:30"},
        {"duration": 90},
    ]
    written = {"go": "found", "say": said, "values": {"name": "Їжак"}, "more": [1]}
    async with HookPeer(answers(written)) as peer:
        answer = await client.ask(question(peer.url))
    assert answer == HookAnswer(
        "found",
        (
            "parcel-on-its-way",
            Digits("0123"),
            Count(3, "parcel"),
            Count(999_999_999),
            Amount(12550, "USD"),
            Amount(700),
            Day(date(2026, 11, 30)),
            TimeOfDay(clock(14, 30)),
            Duration(90),
        ),
        {"name": "Їжак"},
    )
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/parcel/where")
    assert asked.headers["content-type"].startswith("application/json")
    assert asked.headers["idempotency-key"] == "call%207/where/1"
    assert "authorization" not in asked.headers
    assert asked.json == {
        "call": "call 7",
        "line": "250",
        "step": "where",
        "language": "uk",
        "caller": "0501234567",
        "values": {"parcel": PARCEL},
    }


@pytest.mark.parametrize("kind", ["text/plain", "application/problem+json; charset=utf-8", "nonsense"])
async def test_the_content_type_is_taken_leniently(client: HookClient, kind: str) -> None:
    async with HookPeer(answers({"go": "found"}, kind=kind)) as peer:
        assert (await client.ask(question(peer.url))).go == "found"


async def test_nothing_to_say_is_an_answer(client: HookClient) -> None:
    async with HookPeer(answers({}), answers(b"", status=204)) as peer:
        assert await client.ask(question(peer.url)) == HookAnswer()
        assert await client.ask(question(peer.url)) == HookAnswer()


@pytest.mark.parametrize(
    "first",
    [answers(status=status) for status in (429, 500, 502, 503, 504)]
    + [resets, babbles, answers({"go": "found"}, cut=5)],
    ids=["429", "500", "502", "503", "504", "reset", "no HTTP", "half an answer"],
)
async def test_tried_again_with_the_same_key(client: HookClient, first: Manner) -> None:
    async with HookPeer(first, FOUND) as peer:
        assert (await client.ask(question(peer.url, visit=4))).go == "found"
    assert [asked.headers["idempotency-key"] for asked in peer.asked] == ["call%207/where/4"] * 2
    assert peer.asked[0].body == peer.asked[1].body


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (answers(status=400), "status 400"),
        (answers(status=401), "status 401"),
        (answers(status=404), "status 404"),
        (answers(status=501), "status 501"),
        (answers(status=302, extra="Location: /elsewhere\r\n"), "status 302"),
        (answers(b"<html>", kind="text/html"), "a web page"),
        (answers(b"", status=200), "no JSON"),
        (answers(b"{"), "no JSON"),
        (answers(b'\xff{"go": "found"}'), "no JSON"),
        (answers(b"[" * 60_000), "no JSON"),
        (answers(b" " * (MOST_BYTES + 1)), "longer than 65536 bytes"),
        (never_ends, "longer than 65536 bytes"),
        (answers([]), "the whole"),
        (answers({"go": 1}), "wrong at go"),
    ],
)
async def test_refused_after_one_try(client: HookClient, manner: Manner, reason: str) -> None:
    async with HookPeer(manner) as peer:
        with pytest.raises(HookFailed, match=reason):
            await client.ask(question(peer.url))
    assert len(peer.asked) == 1


@pytest.mark.parametrize("tries", [1, 2, 4])
async def test_as_many_tries_as_asked_for(client: HookClient, tries: int) -> None:
    async with HookPeer(answers(status=503)) as peer:
        with pytest.raises(HookFailed, match="it answered with status 503"):
            await client.ask(question(peer.url, tries=tries))
    assert len(peer.asked) == tries


async def test_questions_are_counted_not_tries(client: HookClient) -> None:
    async with HookPeer(FOUND) as peer:
        await client.ask(question(peer.url))
        assert (client.tally.answered, client.tally.failed, client.tally.silent_for) == (1, 0, 0.0)
    port = take_ports(1)
    gone = f"http://127.0.0.1:{port}/"
    with pytest.raises(HookFailed):
        await client.ask(question(gone, tries=2))
    assert (client.tally.answered, client.tally.failed) == (1, 1)
    before = client.tally.silent_for
    with pytest.raises(HookFailed):
        await client.ask(question(gone, tries=1))
    assert client.tally.silent_for > before > 0.0
    give_back(port)
    async with HookPeer(FOUND) as peer:
        await client.ask(question(peer.url))
    assert (client.tally.answered, client.tally.failed, client.tally.silent_for) == (2, 2, 0.0)


async def test_a_slow_service_has_its_deadline(client: HookClient) -> None:
    async with HookPeer(hangs) as peer:
        began = time.monotonic()
        with pytest.raises(HookFailed, match="no answer within 1 s"):
            await client.ask(question(peer.url, deadline=1.0))
        took = time.monotonic() - began
        assert took > 2.0
        assert took - stood_still(began) < 6.4
        assert len(peer.asked) == 2


async def test_nobody_listens(client: HookClient) -> None:
    port = take_ports(1)
    with pytest.raises(HookFailed, match="no connection"):
        await client.ask(question(f"http://127.0.0.1:{port}/"))
    give_back(port)


async def test_a_host_without_an_address(client: HookClient) -> None:
    with pytest.raises(HookFailed, match=r"name is not found|no answer within|no connection"):
        await client.ask(question("http://no-such-host.invalid/", tries=1))


async def test_a_certificate_that_nobody_vouches_for_is_refused(client: HookClient) -> None:
    """The file holds a key and a certificate for 127.0.0.1 that it signed itself; they protect nothing."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).parent / "hook_tls" / "self-signed.pem")
    async with HookPeer(FOUND, tls=tls) as peer:
        with pytest.raises(HookFailed, match="certificate or encryption"):
            await client.ask(question(peer.url))
    assert not peer.asked


async def test_a_service_that_does_not_encrypt_is_no_https(client: HookClient) -> None:
    async with HookPeer(FOUND) as peer:
        with pytest.raises(HookFailed):
            await client.ask(question(peer.url.replace("http:", "https:"), deadline=0.3, tries=1))
    assert not peer.asked


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "ftp://127.0.0.1/",
            "http://",
            "http:///x",
            "http://127.0.0.1:99999/",
            "http://[::1/",
            "file:///",
        ),
        *(
            "http://user:word@127.0.0.1/",
            "http://\x00/",
            "http://a b/",
            "http://" + "a" * 300 + "/",
            "//x",
            "?",
        ),
        *("http://%/", "http://\ud800/", "http://127.0.0.1\r\nX: y/"),
    ],
)
async def test_hostile_addresses(client: HookClient, url: str) -> None:
    with pytest.raises(HookFailed):
        await client.ask(question(url, deadline=2.0))


@pytest.mark.parametrize("text", ["\r\nX-Evil: 1\r\n\r\n", "\x00", "\ud800", "'; DROP TABLE", "ї" * 5000, ""])
async def test_hostile_values_arrive_as_they_are_and_harm_nothing(client: HookClient, text: str) -> None:
    async with HookPeer(FOUND) as peer:
        request = HookRequest(peer.url, text, text, text, 1, text, text, {"said": text})
        assert (await client.ask(request)).go == "found"
    (asked,) = peer.asked
    assert asked.json["values"] == {"said": text}
    assert "x-evil" not in asked.headers


async def test_the_environment_s_proxy_is_not_used(
    client: HookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with HookPeer(FOUND) as peer:
        assert (await client.ask(question(peer.url))).go == "found"


async def test_cookies_of_one_caller_do_not_reach_another(client: HookClient) -> None:
    async with HookPeer(answers({"go": "found"}, extra="Set-Cookie: session=1\r\n")) as peer:
        await client.ask(question(peer.url))
        await client.ask(question(peer.url))
    assert all("cookie" not in asked.headers for asked in peer.asked)


async def test_the_token_is_sent_and_nothing_secret_is_logged() -> None:
    client = HookClient("s3cret-token")
    try:
        async with HookPeer(answers(b'{"go": "Reply-Words"}')) as peer:
            with capture_logs() as lines, pytest.raises(HookFailed):
                await client.ask(question(f"{peer.url}?key=hidden", parcel=PARCEL, comment="Тарас Шевченко"))
        assert peer.asked[0].headers["authorization"] == "Bearer s3cret-token"
        assert peer.asked[0].path.endswith("?key=hidden")
    finally:
        await client.close()
    logged = str(lines)
    assert "hook failed" in logged
    for secret in ("s3cret", PARCEL, "Тарас", "0501234567", "hidden", "Reply-Words"):
        assert secret not in logged
    assert PARCEL not in repr(question("http://x/", parcel=PARCEL))


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ключ"])
def test_a_token_that_no_header_can_hold(token: str) -> None:
    with pytest.raises(Plain, match="token must be one line"):
        HookClient(token)


async def test_nouns_that_cannot_be_counted() -> None:
    client = HookClient(nouns=["parcel", "day"])
    try:
        async with HookPeer(
            answers({"say": [{"number": 2, "of": "parcel"}, {"number": 1, "of": "cat"}]})
        ) as peer:
            with pytest.raises(HookFailed, match="item 2: 'cat' cannot be counted, only day, parcel"):
                await client.ask(question(peer.url))
    finally:
        await client.close()


async def test_a_caller_who_hangs_up_ends_the_question(client: HookClient) -> None:
    async with HookPeer(hangs) as peer:
        asking = asyncio.create_task(client.ask(question(peer.url)))
        while not peer.asked:  # noqa: ASYNC110 - the peer is a list, and pytest ends a test that hangs
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_closed_it_fails_at_once(client: HookClient) -> None:
    async with HookPeer(hangs) as peer:
        asking = asyncio.create_task(client.ask(question(peer.url)))
        while not peer.asked:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.01)
        await client.close()
        await client.close()
        with pytest.raises(HookFailed):
            await asyncio.wait_for(asking, 5)
        with pytest.raises(HookFailed, match="the server is ending"):
            await client.ask(question(peer.url))


async def test_a_service_that_is_away_rests_and_is_asked_again_by_one() -> None:
    """500 callers do not each wait; after the rest one question finds the service back, and all go again."""
    now = 100.0
    client = HookClient(rests=Rests(lambda: now))
    try:
        async with HookPeer(*[answers(status=503)] * (AFTER + 1), FOUND) as peer:
            for _ in range(AFTER):
                with pytest.raises(HookFailed, match="503"):
                    await client.ask(question(peer.url, tries=1))
            crowd = await asyncio.gather(
                *(client.ask(question(peer.url)) for _ in range(500)), return_exceptions=True
            )
            assert all(isinstance(one, HookFailed) and "several times" in one.reason for one in crowd)
            assert len(peer.asked) == AFTER
            now += REST_FOR + 0.1
            pair = await asyncio.gather(
                *(client.ask(question(peer.url, tries=1)) for _ in range(2)), return_exceptions=True
            )
            assert all(isinstance(one, HookFailed) for one in pair)
            assert len(peer.asked) == AFTER + 1, "one was let through, and the next rest began"
            now += REST_FOR + 0.1
            assert (await client.ask(question(peer.url))).go == "found"
            assert (await client.ask(question(peer.url))).go == "found"
    finally:
        await client.close()


async def test_a_service_that_answers_refusals_does_not_rest(client: HookClient) -> None:
    async with HookPeer(
        *[answers(status=404)] * (2 * AFTER), *[answers(status=500)] * (2 * AFTER), FOUND
    ) as peer:
        for _ in range(4 * AFTER):
            with pytest.raises(HookFailed, match="status"):
                await client.ask(question(peer.url, tries=1))
        assert (await client.ask(question(peer.url))).go == "found"
