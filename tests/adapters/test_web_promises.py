"""Promises over HTTP: a real server on a real ledger, both databases; who may see what and who may order."""

import json
from collections.abc import AsyncIterator, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.core.errors import RefusalCode, Refused
from acd.core.ports import Promises
from acd.core.promise_document import document
from acd.core.work_events import WorkCalledOff, WorkClaimed, WorkEvent, WorkPassedOn
from acd.core.work_orders import ORDERS, Order
from acd.storage import JournalSettings, SqlJournal, open_journal
from acd.web import WebServer
from tests.postgres import Postgres, postgres
from tests.promise_facts import OLENA, START, a_few, records, taken
from tests.web_center import busy_center

PATIENT = JournalSettings(patience=10, close_for=10)
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    server: Postgres = request.getfixturevalue("server")
    return server.create(f"db_{abs(hash(request.node.name)) % 10**9}")


class Desk:
    """The ledger of a journal; orders are written down, and refused as the test wants."""

    def __init__(self, promises: Promises) -> None:
        self.promises = promises
        self.given: list[WorkEvent] = []
        self.refusal: Refused | None = None

    async def give(self, order: Order) -> Refused | None:
        self.given.append(order(START + 100))
        return self.refusal


class Site:
    def __init__(self, journal: SqlJournal, desk: Desk, base: str, client: aiohttp.ClientSession) -> None:
        self.journal, self.desk, self.base, self.client = journal, desk, base, client

    async def get(self, path: str, token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.client.get(self.base + path, headers=headers) as answer:
            return answer.status, await answer.json()

    async def post(
        self, path: str, body: object = None, token: str = TOKEN, **headers: str
    ) -> tuple[int, Any]:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers.setdefault("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        async with self.client.post(self.base + path, data=data, headers=headers) as answer:
            assert answer.headers["Content-Security-Policy"]
            return answer.status, await answer.json()


async def serving(url: str, folder: Path, token: str) -> AsyncIterator[Site]:
    journal = await open_journal(url, folder / "spool", PATIENT)
    await journal.load()
    journal.append(records(a_few()))
    desk = Desk(journal.promises)
    server = WebServer("127.0.0.1", 0, busy_center(), promises=desk, api_token=token)
    await server.start()
    async with aiohttp.ClientSession() as client:
        yield Site(journal, desk, "http://{}:{}".format(*server.address), client)
    await server.stop()
    await journal.close()


@pytest.fixture
async def site(url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async for found in serving(url, tmp_path, TOKEN):
        yield found


@pytest.fixture
async def lone_site(tmp_path: Path) -> AsyncIterator[Site]:
    """Without a token, on SQLite."""
    async for found in serving(f"sqlite:///{tmp_path}/journal.db", tmp_path, ""):
        yield found


def works(body: Any) -> list[int]:
    return [row["id"] for row in body["promises"]]


async def test_without_a_token_numbers_are_masked_and_nobody_is_quoted(site: Site) -> None:
    status, body = await site.get("/api/promises?state=all")
    assert (status, works(body)) == (200, [6, 5, 4, 3, 2, 1])
    text = json.dumps(body, ensure_ascii=False) + str(await site.get("/api/promises/2"))
    for secret in ("0937654321", "немає світла", "Садова", "not our street"):
        assert secret not in text
    assert "093***4321" in text
    assert body["figures"]["share_kept"] == pytest.approx(1 / 3)


async def test_the_holder_of_the_token_sees_everything(site: Site) -> None:
    status, body = await site.get("/api/promises/2", TOKEN)
    promise = await site.journal.promises.one(2)
    assert promise is not None
    assert status == 200
    assert body == {"promise": json.loads(json.dumps(document(promise, numbers=True, said=True)))}
    assert works((await site.get("/api/promises?state=all&caller=0937654321", TOKEN))[1]) == [2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 4, 6]),
        ("?state=kept", [1]),
        ("?state=broken", [5, 2]),
        ("?state=called-off", [3]),
        ("?state=closed", [5, 3, 1]),
        ("?state=all&queue=meter", [2]),
        ("?state=all&kind=voicemail", [2]),
        (f"?state=all&since={START + 20}&until={START + 45}", [5, 4, 3]),
        ("?state=open&order=newest", [6, 4, 2]),
    ],
)
async def test_filters(lone_site: Site, query: str, expected: list[int]) -> None:
    status, body = await lone_site.get(f"/api/promises{query}")
    assert (status, works(body)) == (200, expected)


async def test_pages_lead_through_all(site: Site) -> None:
    seen: list[int] = []
    offset: int | None = 0
    while offset is not None:
        _, body = await site.get(f"/api/promises?state=all&limit=4&offset={offset}")
        seen += works(body)
        offset = body["next_offset"]
    assert seen == [6, 5, 4, 3, 2, 1]


async def test_a_fact_is_in_the_answer_at_once(site: Site) -> None:
    site.journal.append(records([taken(6, START + 5000)], len(a_few()) + 1))
    _, body = await site.get("/api/promises/6")
    assert (body["promise"]["stage"], body["promise"]["holder"]) == ("claimed", "olena")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/promises?state=lost", 400, "bad-parameter"),
        ("/api/promises?limit=0", 400, "bad-parameter"),
        ("/api/promises?limit=99999999999999999999", 400, "bad-parameter"),
        ("/api/promises?offset=-1", 400, "bad-parameter"),
        ("/api/promises?since=nan", 400, "bad-parameter"),
        ("/api/promises?kind=fax", 400, "bad-parameter"),
        ("/api/promises?colour=red", 400, "bad-parameter"),
        ("/api/promises?order=random", 400, "bad-parameter"),
        ("/api/promises?caller=050", 403, "token-needed"),
        ("/api/promises/99", 404, "unknown-work"),
        ("/api/promises/one", 404, "unknown-work"),
        ("/api/promises/%D9%A1", 404, "unknown-work"),
        ("/api/promises/99999999999999999999999", 404, "unknown-work"),
    ],
)
async def test_mistakes_are_told_with_a_stable_code(
    lone_site: Site, path: str, status: int, code: str
) -> None:
    found, body = await lone_site.get(path)
    assert (found, body["error"]["code"]) == (status, code)
    assert body["error"]["text"].endswith(".")


async def test_a_wrong_token_is_never_passed_over(site: Site) -> None:
    for path in ("/api/promises", "/api/promises/2"):
        status, body = await site.get(path, "guess")
        assert (status, body["error"]["code"]) == (401, "wrong-token")
    status, body = await site.post("/api/promises/2/cancel", {"by": "x"}, token="guess")
    assert (status, body["error"]["code"]) == (401, "wrong-token")
    assert site.desk.given == []


async def test_without_a_configured_token_nothing_can_be_changed(lone_site: Site) -> None:
    for order in ORDERS:
        status, body = await lone_site.post(f"/api/promises/2/{order}", {"operator": "olena"}, token="")
        assert (status, body["error"]["code"]) == (403, "no-token-configured")
        assert "DZVIN_API_TOKEN_FILE" in body["error"]["text"]
    status, body = await lone_site.get("/api/promises", "anything")
    assert status == 401
    assert lone_site.desk.given == []


async def test_orders_reach_the_centre(site: Site) -> None:
    fields = {"operator": "olena", "department": "networks", "note": "вулиця Садова"}
    status, body = await site.post("/api/promises/2/forward", fields)
    assert (status, body["promise"]["id"]) == (200, 2)
    await site.post("/api/promises/4/claim", {"operator": "olena"})
    await site.post("/api/promises/6/cancel", {"by": "admin"})
    assert site.desk.given == [
        WorkPassedOn(at=START + 100, operator=OLENA, work=2, department="networks", note="вулиця Садова"),  # type: ignore[arg-type]
        WorkClaimed(at=START + 100, operator=OLENA, work=4),  # type: ignore[arg-type]
        WorkCalledOff(at=START + 100, work=6, by="admin"),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refused(RefusalCode.WORK_TAKEN, "olena", ""), 409),
        (Refused(RefusalCode.NOT_YOURS, "olena", ""), 409),
        (Refused(RefusalCode.UNKNOWN_OPERATOR, "olena", ""), 409),
        (Refused(RefusalCode.UNKNOWN_WORK, "", ""), 404),
    ],
)
async def test_refusals_have_the_codes_of_the_core(site: Site, refusal: Refused, status: int) -> None:
    site.desk.refusal = refusal
    found, body = await site.post("/api/promises/4/claim", {"operator": "olena"})
    assert (found, body["error"]["code"]) == (status, refusal.code)


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("4/claim", {}, {}, 400, "missing-field"),
        ("4/claim", {"operator": 5}, {}, 400, "bad-field"),
        ("4/claim", {"operator": "olena", "x": "y"}, {}, 400, "unknown-field"),
        ("4/explode", {}, {}, 404, "unknown-order"),
        ("x/claim", {"operator": "olena"}, {}, 404, "unknown-work"),
        ("4/claim", b"{", {}, 400, "not-json"),
        ("4/claim", b"[1]", {}, 400, "not-json"),
        ("4/claim", b"[" * 5000, {}, 400, "not-json"),
        ("4/claim", b"\xff", {}, 400, "not-json"),
        (
            "4/claim",
            b"operator=olena",
            {"Content-Type": "application/x-www-form-urlencoded"},
            415,
            "not-json",
        ),
        ("4/claim", b"{}", {"Content-Type": "text/plain"}, 415, "not-json"),
        ("4/claim", b"{}", {"Content-Type": "application/json; charset=none"}, 400, "not-json"),
        ("4/claim", b'{"operator": "' + b"o" * 20_000 + b'"}', {}, 413, "too-long"),
        ("4/claim", {"operator": "olena"}, {"Origin": "https://evil.example"}, 403, "foreign-page"),
    ],
)
async def test_a_bad_order_changes_nothing(
    site: Site, path: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    found, told = await site.post(f"/api/promises/{path}", body, **headers)
    assert (found, told["error"]["code"]) == (status, code)
    assert site.desk.given == []


async def test_an_order_by_get_is_none(site: Site) -> None:
    async with site.client.get(f"{site.base}/api/promises/4/cancel?by=x") as answer:
        assert answer.status == 405
    assert site.desk.given == []


async def test_a_database_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    async for site in serving(f"sqlite:///{tmp_path}/journal.db", tmp_path, TOKEN):
        away = await open_journal("postgresql://nobody:secret@127.0.0.1:9/none", tmp_path / "other", PATIENT)
        site.desk.promises = away.promises
        status, body = await site.get("/api/promises")
        assert (status, body["error"]["code"]) == (503, "ledger-away")
        assert "does not answer" in body["error"]["text"]
        assert "secret" not in body["error"]["text"]
        await away.close()


async def test_the_description_names_every_order_and_field(site: Site) -> None:
    _, told = await site.get("/api/openapi.json")
    assert told == json.loads((resources.files("acd.web") / "openapi.json").read_bytes())
    paths = told["paths"]
    assert {path.rsplit("/", 1)[1] for path in paths if path.count("/") == 4} == set(ORDERS)
    _, body = await site.get("/api/promises/2", TOKEN)
    known = told["components"]["schemas"]["Promise"]["properties"]
    assert set(body["promise"]) == set(known)
    for part in ("attempts", "messages", "history"):
        for row in body["promise"][part]:
            assert set(row) == set(known[part]["items"]["properties"])
    parameters = {each["name"] for each in paths["/api/promises"]["get"]["parameters"]}
    for name in parameters:
        status, told_of = await site.get(f"/api/promises?{name}=", TOKEN)
        assert status == 200 or told_of["error"]["text"] != f"There is no parameter {name!r}."


async def test_without_a_ledger_there_are_no_promises(tmp_path: Path) -> None:
    server = WebServer("127.0.0.1", 0, busy_center())
    await server.start()
    host, port = server.address
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://{host}:{port}/api/promises") as answer,
    ):
        assert answer.status == 404
    await server.stop()
