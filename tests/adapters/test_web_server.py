"""The endpoints over a real socket: health, metrics, the live view, and who is refused."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from acd.core import facts as f
from acd.core.views import WorkView
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from acd.core.work import WorkEnd, WorkId, WorkKind
from acd.web import HooksState, SpeechState, WebServer
from acd.web.client import RemoteCenter
from tests.eventually import eventually
from tests.promise_facts import broken, closed, completed, connected, made, voicemail
from tests.real import free_port
from tests.web_center import START, FakeCenter, busy_center, call, health, operator, queue

_Q, _O, _C = QueueId("tracking"), OperatorId("o1"), CallId("c1")
SEND_WITHIN = 2.0
"""Seconds; long enough for a client that reads, however busy the machine is."""
_FREED = f.OperatorFreed(at=START, operator=_O)
_SPEECH = SpeechState(
    state="up", languages=("en", "uk"), streams=3, limit=40, busy_refusals=4, failures=6, restarts=2
)


class Site:
    def __init__(self, center: FakeCenter, server: WebServer, client: aiohttp.ClientSession) -> None:
        self.center, self.server, self.client = center, server, client
        self.host, self.port = server.address

    def url(self, path: str) -> str:
        return f"http://{self.host}:{self.port}{path}"

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        async with self.client.get(self.url(path), headers=headers) as response:
            return response, await response.text()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    center = busy_center()
    server = WebServer(
        "127.0.0.1", 0, center, max_clients=3, send_within=SEND_WITHIN, allowed_hosts=["board.lan"]
    )
    await server.start()
    async with aiohttp.ClientSession() as client:
        yield Site(center, server, client)
    await server.stop()


async def test_health_says_that_the_process_lives(site: Site) -> None:
    site.center.state = health(switch_up=False, journal_writable=False)
    response, text = await site.get("/health")
    assert response.status == 200
    assert json.loads(text) == {"status": "alive", "version": "0.1.0", "started_at": START}


async def test_ready_names_every_reason_that_is_missing(site: Site) -> None:
    response, text = await site.get("/ready")
    assert (response.status, json.loads(text)["reasons"]) == (200, [])
    site.center.state = health(switch_up=False, dialplan_loaded=False, journal_writable=False, mqtt="down")
    response, text = await site.get("/ready")
    assert response.status == 503
    assert json.loads(text)["reasons"] == ["switch link down", "journal not writable", "dialplan not loaded"]


async def test_a_broker_that_is_down_does_not_make_the_server_unready(site: Site) -> None:
    site.center.state = health(mqtt="down", mqtt_backlog=7)
    response, text = await site.get("/ready")
    assert (response.status, json.loads(text)["mqtt_backlog"]) == (200, 7)


async def test_speech_and_web_hooks_are_told_but_never_needed(site: Site) -> None:
    speech = SpeechState(state="down", languages=("en", "uk"), streams=3, limit=40, restarts=2)
    site.center.state = health(speech=speech, hooks=HooksState(answered=5, failed=1, silent_for=2.5))
    response, text = await site.get("/ready")
    told = json.loads(text)
    assert (response.status, told["reasons"]) == (200, [])
    assert told["hooks"] == {"answered": 5, "failed": 1, "silent_for": 2.5}
    assert told["speech"] == {
        "state": "down",
        "languages": ["en", "uk"],
        "streams": 3,
        "limit": 40,
        "busy_refusals": 0,
        "failures": 0,
        "restarts": 2,
    }


async def test_metrics_of_speech_and_web_hooks(site: Site) -> None:
    site.center.state = health(speech=_SPEECH, hooks=HooksState(answered=5, failed=1, silent_for=2.5))
    _, text = await site.get("/metrics")
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    expected = {
        "dzvin_speech_up": 1,
        "dzvin_speech_streams": 3,
        "dzvin_speech_streams_limit": 40,
        'dzvin_speech_language_understood{language="en"}': 1,
        'dzvin_speech_language_understood{language="uk"}': 1,
        "dzvin_speech_busy_total": 4,
        "dzvin_speech_lost_total": 6,
        "dzvin_speech_restarts_total": 2,
        'dzvin_hooks_total{outcome="answered"}': 5,
        'dzvin_hooks_total{outcome="failed"}': 1,
        "dzvin_hooks_silent_seconds": 2.5,
    }
    assert {name: float(lines[name]) for name in expected} == expected
    assert 'dzvin_speech_language_understood{language="ru"}' not in lines


async def test_without_speech_it_has_no_metrics(site: Site) -> None:
    _, text = await site.get("/metrics")
    assert "dzvin_speech" not in text


def _facts() -> list[f.Fact]:
    offer, pair = OfferId(1), START + 13.0
    return [
        f.CallEntered(
            at=START,
            call=_C,
            queue=_Q,
            caller="0501234567",
            line="100",
            priority=0,
            needs=(),
            waiting_since=START,
        ),
        f.CallOffered(
            at=pair,
            offer=offer,
            call=_C,
            operator=_O,
            queue=_Q,
            until=pair + 12,
            waited_for=13.0,
            operator_free_at=pair,
            pair_at=pair,
            chosen_for="only one free",
        ),
        f.OfferMissed(
            at=pair,
            offer=offer,
            call=_C,
            operator=_O,
            queue=_Q,
            cause=Cause.NO_ANSWER,
            misses=1,
            set_aside_until=pair,
        ),
        f.OfferAnswered(at=pair, offer=OfferId(2), call=_C, operator=_O),
        f.CallConnected(
            at=pair,
            offer=OfferId(2),
            call=_C,
            operator=_O,
            queue=_Q,
            waited_for=13.0,
            pair_at=pair,
            took_for=0.4,
        ),
        f.RuleBroken(at=pair, offer=offer, call=_C, operator=_O, queue=_Q, pair_at=pair, cause="phone rang"),
        f.CallCompleted(
            at=pair,
            offer=OfferId(2),
            call=_C,
            operator=_O,
            queue=_Q,
            talked_for=80.0,
            by=Ended.CALLER,
        ),
        f.WrapUpStarted(at=pair, operator=_O, queue=_Q, until=pair + 10),
        f.OperatorFreed(at=pair + 10, operator=_O),
        f.CallLeft(at=pair, call=CallId("c2"), queue=_Q, reason=LeaveReason.HUNG_UP, waited_for=9.0),
        f.CallLeft(at=pair, call=CallId("c3"), queue=_Q, reason=LeaveReason.QUEUE_FULL, waited_for=0.0),
        f.OfferWithdrawn(at=pair, offer=OfferId(3), call=_C, operator=_O, reason="caller left"),
        f.EventIgnored(at=pair, event="TalkEnded", subject="offer 1", why="over"),
        f.StateHealed(at=pair, what="talk without a channel"),
        f.IdlePairFound(at=pair, call=_C, operator=_O, stood_for=1.2),
    ]


async def test_metrics_count_the_facts_and_show_the_view(site: Site) -> None:
    site.center.happen(*_facts())
    site.center.state = health(mqtt="up", mqtt_backlog=3, journal_backlog=5)
    response, text = await site.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    expected = {
        'dzvin_calls_entered_total{queue="tracking"}': 1,
        'dzvin_calls_answered_total{queue="tracking"}': 1,
        'dzvin_calls_abandoned_total{queue="tracking"}': 1,
        'dzvin_calls_left_total{queue="tracking",reason="queue full"}': 1,
        'dzvin_calls_completed_total{by="caller",queue="tracking"}': 1,
        'dzvin_offers_made_total{queue="tracking"}': 1,
        'dzvin_offers_total{outcome="no answer"}': 1,
        'dzvin_offers_total{outcome="answered"}': 1,
        'dzvin_offers_total{outcome="withdrawn"}': 1,
        'dzvin_rule_breaches_total{cause="phone rang",queue="tracking"}': 1,
        'dzvin_events_ignored_total{event="TalkEnded"}': 1,
        "dzvin_states_healed_total": 1,
        "dzvin_idle_pairs_total": 1,
        'dzvin_wait_seconds_bucket{le="15.0",queue="tracking"}': 1,
        'dzvin_wait_seconds_bucket{le="10.0",queue="tracking"}': 0,
        'dzvin_pair_to_talk_seconds_bucket{le="0.5",queue="tracking"}': 1,
        'dzvin_talk_seconds_sum{queue="tracking"}': 80,
        'dzvin_wrap_up_seconds_sum{queue="tracking"}': 10,
        'dzvin_waiting_calls{queue="branches"}': 12,
        'dzvin_operators{state="talking"}': 2,
        'dzvin_operators{state="logged out"}': 1,
        'dzvin_queue_operators{queue="business",state="idle"}': 2,
        "dzvin_switch_up": 1,
        "dzvin_journal_backlog": 5,
        "dzvin_mqtt_backlog": 3,
    }
    assert {name: float(lines[name]) for name in expected} == expected
    assert 'dzvin_service_level_ratio{queue="staff"}' not in lines


async def test_every_metric_is_in_the_documented_table(site: Site) -> None:
    from acd.web import metrics

    site.center.happen(*_facts())
    site.center.state = health(mqtt="up", speech=_SPEECH)
    _, text = await site.get("/metrics")
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE dzvin")}
    names = {name for name in names if not name.endswith("_created")}
    assert len(names) > 25
    assert {name for name in names if f"`{name}`" not in str(metrics.__doc__)} == set()


async def test_the_event_loop_s_lag_is_measured(site: Site) -> None:
    def measured() -> float:
        return site.server.metrics.registry.get_sample_value("dzvin_event_loop_lag_seconds_count") or 0.0

    await eventually(measured)
    assert "dzvin_event_loop_lag_seconds_count 0.0" not in (await site.get("/metrics"))[1]


async def test_the_view_is_json_without_whole_numbers(site: Site) -> None:
    site.center.calls = tuple(call(f"c{n}", n, caller="0971112233") for n in range(1, 41))
    site.center.set_queue(waiting=40)
    response, text = await site.get("/api/view")
    data = json.loads(text)
    assert response.content_type == "application/json"
    assert [q["waiting"] for q in data["queues"]] == [40, 0, 12, 2]
    assert [each["position"] for each in data["calls"]] == list(range(1, 11))
    assert data["waiting_left_out"] == 40 + 14 - 10
    assert "0971112233" not in text


async def test_every_answer_has_the_security_headers(site: Site) -> None:
    for path in ("/", "/health", "/metrics", "/api/view", "/static/board.js", "/static/none", "/nowhere"):
        response, _ = await site.get(path)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e%2fserver.py", "/static/..%2fboard.py"]
)
async def test_nothing_but_the_page_s_files_is_served(site: Site, path: str) -> None:
    response, _ = await site.get(path)
    assert response.status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8080", 200),
        ("[::1]:80", 200),
        ("Board.LAN", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:80", 421),
        ("[::1", 421),
    ],
)
async def test_a_rebound_name_is_refused(site: Site, host: str, status: int) -> None:
    for path in ("/", "/api/view", "/ws"):
        response, text = await site.get(path, Host=host)
        expected = 400 if status == 200 and path == "/ws" else status
        assert response.status == expected
        assert status == 200 or "tracking" not in text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://[", ""])
async def test_a_foreign_page_gets_no_live_view(site: Site, origin: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.client.ws_connect(site.url("/ws"), headers={"Origin": origin})
    assert refusal.value.status == 403


async def test_the_own_page_gets_the_live_view_at_once_and_after_each_change(site: Site) -> None:
    origin = {"Origin": f"http://{site.host}:{site.port}"}
    async with site.client.ws_connect(site.url("/ws"), headers=origin) as live:
        first = await live.receive_json(timeout=5)
        assert first["queues"][0]["waiting"] == 3
        site.center.set_queue(waiting=4)
        site.center.happen(_FREED)
        second = await live.receive_json(timeout=5)
        assert second["queues"][0]["waiting"] == 4


async def test_facts_flow_beside_the_snapshots_when_asked_for(site: Site) -> None:
    async with site.client.ws_connect(site.url("/ws?facts=1")) as live:
        assert (await live.receive_json(timeout=5))["type"] == "snapshot"
        site.center.happen(*_facts())
        message = await live.receive_json(timeout=5)
        while message["type"] != "facts":
            message = await live.receive_json(timeout=5)
        assert [record["seq"] for record in message["records"]] == list(range(1, 16))
        assert message["records"][0]["fact"]["caller"] == "050***4567"


async def test_more_clients_than_the_limit_are_told_to_come_later(site: Site) -> None:
    sockets = [await site.client.ws_connect(site.url("/ws")) for _ in range(3)]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.client.ws_connect(site.url("/ws"))
    assert refusal.value.status == 503
    await sockets[0].close()
    await eventually(lambda: site.server.live.count == 2)
    await (await site.client.ws_connect(site.url("/ws"))).close()
    for socket_ in sockets:
        await socket_.close()


async def test_too_much_said_by_a_client_ends_the_line(site: Site) -> None:
    async with site.client.ws_connect(site.url("/ws")) as live:
        await live.send_str("x" * 5000)
        async with asyncio.timeout(5):
            while not live.closed:
                await live.receive()
        assert live.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_client_that_reads_nothing_is_dropped_and_disturbs_nobody(site: Site) -> None:
    site.center.operators = tuple(operator(f"o{n}", f"Operator {n} " + "x" * 500) for n in range(2000))
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.setblocking(False)
    loop = asyncio.get_running_loop()
    started = loop.time()
    await loop.sock_connect(stuck, (site.host, site.port))
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    head = f"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{key}\r\n"
    await loop.sock_sendall(stuck, head.encode())
    await eventually(lambda: site.server.live.count == 1)
    async with site.client.ws_connect(site.url("/ws"), max_msg_size=0) as live:
        async with asyncio.timeout(60):
            while site.server.live.count == 2:
                site.center.happen(_FREED)
                assert (await live.receive_json(timeout=60))["type"] == "snapshot"
        assert loop.time() - started >= SEND_WITHIN
        site.center.set_queue(waiting=99)
        site.center.happen(_FREED)
        async with asyncio.timeout(60):
            while (await live.receive_json())["queues"][0]["waiting"] != 99:
                pass
    stuck.close()


async def test_stopping_says_goodbye_to_the_clients() -> None:
    server = WebServer("127.0.0.1", 0, FakeCenter(queue()))
    await server.start()
    host, port = server.address
    async with aiohttp.ClientSession() as client, client.ws_connect(f"http://{host}:{port}/ws") as live:
        await live.receive_json(timeout=5)
        async with asyncio.timeout(5):
            await asyncio.gather(server.stop(), live.receive())
        assert live.close_code == aiohttp.WSCloseCode.GOING_AWAY
    await server.stop()


async def test_a_taken_port_is_an_error_that_leaves_nothing_behind() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = WebServer("127.0.0.1", taken.getsockname()[1], FakeCenter())
        with pytest.raises(OSError, match="address already in use"):
            await server.start()
        await server.stop()


async def test_another_process_sees_the_same_view_and_facts_and_finds_a_lost_server_again() -> None:
    center, said, seen = busy_center(), [], []
    center.calls = (call("c1", 1),)
    server = WebServer("127.0.0.1", free_port(), center)
    await server.start()
    host, port = server.address
    remote = RemoteCenter(f"http://{host}:{port}", said.append)
    remote.add_sink(seen.extend)
    with pytest.raises(LookupError):
        remote.view()
    task = asyncio.create_task(remote.run())
    async with asyncio.timeout(10):
        view = await remote.first_view()
    assert (view.queues, view.operators, view.calls) == (center.queues, center.operators, center.calls)
    center.happen(*_facts())
    await eventually(lambda: len(seen) == len(_facts()))
    assert [record.fact for record in seen][1:] == _facts()[1:]
    assert seen[0].fact.caller == "050***4567"
    await server.stop()
    await eventually(lambda: said and "closed the connection" in said[0])
    server = WebServer("127.0.0.1", port, center)
    center.set_queue(waiting=77)
    await server.start()
    await eventually(lambda: said[-1] == "", within=20)
    assert remote.view().queues[0].waiting == 77
    task.cancel()
    await server.stop()


def _promise_view(work: int, **changes: object) -> WorkView:
    base = WorkView(
        id=WorkId(work),
        kind="call-back",
        stage="new",
        queue=_Q,
        caller="050***4567",
        made_at=START,
        due_at=START + 3600,
        not_before=START,
        attempts=0,
        operator=None,
        department="",
        recordings=0,
        by_hand=False,
        broken=False,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


async def test_metrics_of_promises_count_each_once_also_those_made_before_the_start(site: Site) -> None:
    site.center.work = (
        _promise_view(1, stage="dialling"),
        _promise_view(2, kind="voicemail", broken=True),
        _promise_view(3),
    )
    site.center.happen(made(4, queue=_Q), broken(3, START + 3600, _Q))
    site.center.happen(
        closed(4, START + 60, queue=_Q),
        closed(2, START + 70, kept=False, queue=_Q, kind=WorkKind.VOICEMAIL),
        closed(1, START + 80, WorkEnd.CANCELLED, kept=False, queue=_Q),
    )
    _, text = await site.get("/metrics")
    for line in (
        'dzvin_promises_made_total{kind="call-back",queue="tracking"} 1.0',
        'dzvin_promises_decided_total{kind="call-back",outcome="broken",queue="tracking"} 1.0',
        'dzvin_promises_decided_total{kind="call-back",outcome="kept",queue="tracking"} 1.0',
        'dzvin_promises_decided_total{kind="call-back",outcome="called off",queue="tracking"} 1.0',
        'dzvin_promises_open{queue="tracking",stage="new"} 2.0',
        'dzvin_promises_open{queue="tracking",stage="dialling"} 1.0',
        'dzvin_promises_due{queue="tracking"} 2.0',
        'dzvin_promises_kept_ratio{queue="tracking"} 0.92',
    ):
        assert line in text.splitlines()
    assert 'kind="voicemail"' not in text, "it was counted as broken before the start"


async def test_places_of_promises_are_no_calls_in_the_metrics(site: Site) -> None:
    site.center.happen(connected(1, START), completed(1, START + 50))
    _, text = await site.get("/metrics")
    assert "dzvin_calls_answered_total{" not in text
    assert "dzvin_calls_completed_total{" not in text


async def test_an_operator_who_is_kept_for_a_customer_is_shown_everywhere(site: Site) -> None:
    site.center.operators = (operator("o1", "Anna", activity="held"),)
    _, text = await site.get("/metrics")
    assert 'dzvin_operators{state="held"} 1.0' in text
    _, html = await site.get("/?lang=en")
    assert "kept for a customer" in html


async def test_the_snapshot_has_the_promises_that_run_out_first_and_nobody_s_words(site: Site) -> None:
    site.center.work = tuple(_promise_view(n, due_at=START + 3600 - n) for n in range(1, 31))
    async with site.client.ws_connect(site.url("/ws?facts=1")) as socket:
        snapshot = json.loads((await socket.receive()).data)
        assert [row["id"] for row in snapshot["work"]] == list(range(30, 20, -1))
        assert snapshot["queues"][0]["work_open"] == 5
        site.center.happen(*voicemail(2))
        said = ""
        while "WorkReturned" not in said:
            said = (await socket.receive()).data
    assert "Садов" not in said
    assert "not our street" not in said
    assert "0937654321" not in said
    assert "093***4321" in said
