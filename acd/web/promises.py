"""Promises over HTTP: `/api/promises`. The whole description for programs is `openapi.json` beside this file.

- `GET /api/promises`: those that the query takes, with their figures.
- `GET /api/promises/N`: one with its story.
- `POST /api/promises/N/{claim,release,forward,back,close,cancel}`: an order, its fields as a JSON object.

Without a token numbers are masked, what people said is left out and nothing can be changed. The token goes
into `Authorization: Bearer …`, which no foreign page can make a browser send. Every error is
`{"error": {"code": "work-taken", "text": "Somebody else has promise 7 now."}}`; codes stay, texts may change.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from importlib import resources
from typing import Any, Protocol

from aiohttp import web

from acd.core.errors import LedgerAway, RefusalCode, Refused
from acd.core.ports import Promises
from acd.core.promise import Outcome, Promise, PromiseFigures, PromiseFilter
from acd.core.promise_document import document, figures_document
from acd.core.words import QueueId
from acd.core.work import WorkKind
from acd.core.work_orders import BadOrder, Order, read_order, refusal_text
from acd.web.guard import is_same_origin

MOST = 500
"""Promises in one answer."""
_FARTHEST = 10_000_000
_DESCRIPTION = (resources.files("acd.web") / "openapi.json").read_bytes()
_STATES: Mapping[str, tuple[bool | None, frozenset[Outcome]]] = {
    "open": (True, frozenset()),
    "closed": (False, frozenset()),
    "all": (None, frozenset()),
    "kept": (None, frozenset({Outcome.KEPT})),
    "broken": (None, frozenset({Outcome.BROKEN})),
    "called-off": (None, frozenset({Outcome.CALLED_OFF})),
}
_PARAMETERS = frozenset({"state", "queue", "kind", "caller", "since", "until", "order", "limit", "offset"})
NOT_SET_UP = (
    "This server takes no orders over the web, because no token is configured: put a secret of 20 letters or "
    "more into a file, name the file by the setting DZVIN_API_TOKEN_FILE and start the server again; then "
    "send it as 'Authorization: Bearer …'. On the server itself, `dzvin promises` needs no token."
)


class PromiseDesk(Protocol):
    """The running centre, for orders."""

    @property
    def promises(self) -> Promises: ...

    async def give(self, order: Order) -> Refused | None:
        """Carry it out; the refusal, or None. RuntimeError: the server is just ending."""


class Answer(Exception):
    """An error as it is told."""

    def __init__(self, status: int, code: str, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.headers = status, code, text, headers

    def response(self) -> web.Response:
        error = {"error": {"code": self.code, "text": self.text}}
        return web.json_response(error, status=self.status, headers=self.headers)


Handler = Callable[[web.Request], Awaitable[web.Response]]


def told(handler: Handler) -> Handler:
    """Errors as JSON; nothing else leaves the handler."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Answer as error:
            return error.response()
        except LedgerAway as away:
            return Answer(503, "ledger-away", f"{_capital(str(away))}.").response()

    return answer


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


class PromiseApi:
    """The handlers. `token` '': none is configured, so nothing can be changed."""

    def __init__(self, desk: PromiseDesk, token: str) -> None:
        self._desk = desk
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/openapi.json", _describe),
            web.get("/api/promises", told(self.many)),
            web.get("/api/promises/{work}", told(self.one)),
            web.post("/api/promises/{work}/{order}", told(self.order)),
        ]

    async def many(self, request: web.Request) -> web.Response:
        trusted = self.is_trusted(request)
        query = request.query
        for name in query:
            if name not in _PARAMETERS:
                raise Answer(400, "bad-parameter", f"There is no parameter {name!r}.")
        wanted = read_filter(query, trusted=trusted)
        limit, offset = _whole(query, "limit", 100, MOST), _whole(query, "offset", 0, _FARTHEST)
        found = await self._desk.promises.some(wanted, limit + 1, offset)
        figures = sum((await self._desk.promises.figures(wanted)).values(), PromiseFigures())
        body = {
            "promises": [_row(promise, trusted) for promise in found[:limit]],
            "next_offset": offset + limit if len(found) > limit else None,
            "figures": figures_document(figures),
        }
        return web.json_response(body, dumps=_dumps)

    async def one(self, request: web.Request) -> web.Response:
        trusted = self.is_trusted(request)
        promise = await self._known(_number(request))
        return web.json_response({"promise": _whole_row(promise, trusted)}, dumps=_dumps)

    async def order(self, request: web.Request) -> web.Response:
        self._must_be_trusted(request)
        work, what = _number(request), request.match_info["order"]
        try:
            order = read_order(what, work, await _fields(request))
        except BadOrder as bad:
            raise Answer(404 if bad.code == "unknown-order" else 400, bad.code, bad.text) from None
        try:
            refused = await self._desk.give(order)
        except RuntimeError:
            raise Answer(503, "ending", "The server is just ending.") from None
        if refused is not None:
            status = 404 if refused.code is RefusalCode.UNKNOWN_WORK else 409
            raise Answer(status, refused.code, refusal_text(refused, work))
        return web.json_response({"promise": _whole_row(await self._known(work), True)}, dumps=_dumps)

    async def _known(self, work: int) -> Promise:
        promise = await self._desk.promises.one(work)
        if promise is None:
            raise Answer(404, RefusalCode.UNKNOWN_WORK, f"There is no promise {work}.")
        return promise

    def _must_be_trusted(self, request: web.Request) -> None:
        if not self._token:
            raise Answer(403, "no-token-configured", NOT_SET_UP)
        if not is_same_origin(request):
            raise Answer(403, "foreign-page", "Only programs and this server's own pages may give orders.")
        if not self.is_trusted(request):
            text = "Send the server's token as 'Authorization: Bearer …'."
            raise Answer(401, "no-token", text, **{"WWW-Authenticate": "Bearer"})

    def is_trusted(self, request: web.Request) -> bool:
        """Whether the right token came along. Answer: a wrong one, which is never passed over in silence."""
        given = request.headers.get("Authorization")
        if given is None:
            return False
        kind, _, token = given.partition(" ")
        right = bool(self._token) and hmac.compare_digest(token.strip().encode(), self._token.encode())
        if kind.lower() != "bearer" or not right:
            text = "This is not the server's token." if self._token else NOT_SET_UP
            raise Answer(401, "wrong-token", text, **{"WWW-Authenticate": "Bearer"})
        return True


async def _describe(_request: web.Request) -> web.Response:
    return web.Response(body=_DESCRIPTION, content_type="application/json", charset="utf-8")


def read_filter(query: Mapping[str, str], *, trusted: bool) -> PromiseFilter:
    """Answer: a parameter that is none."""
    state, kind = query.get("state", "open"), query.get("kind", "")
    if state not in _STATES:
        raise Answer(400, "bad-parameter", f"'state' must be one of {', '.join(_STATES)}.")
    if kind and kind not in list(WorkKind):
        raise Answer(400, "bad-parameter", f"'kind' must be one of {', '.join(WorkKind)}.")
    order = query.get("order", "due" if state == "open" else "newest")
    if order not in ("due", "newest"):
        raise Answer(400, "bad-parameter", "'order' must be due or newest.")
    is_open, outcomes = _STATES[state]
    return PromiseFilter(
        is_open=is_open,
        outcomes=outcomes,
        kind=WorkKind(kind) if kind else None,
        queue=QueueId(query["queue"]) if query.get("queue") else None,
        caller=_caller(query, trusted=trusted),
        made_since=_moment(query, "since"),
        made_until=_moment(query, "until"),
        order="due" if order == "due" else "newest",
    )


def _caller(query: Mapping[str, str], *, trusted: bool) -> str:
    text = query.get("caller", "")
    if text and not trusted:
        why = "Looking for a caller's number needs the token, as numbers are masked without it."
        raise Answer(403, "token-needed", why)
    if text and not any(letter in "0123456789" for letter in text):
        raise Answer(400, "bad-parameter", "'caller' must have some digits of the number.")
    return text[:64]


def _moment(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        at = float(text)
    except ValueError:
        at = -1.0
    if not 0 <= at < 1e12:
        raise Answer(400, "bad-parameter", f"'{name}' must be seconds since the Unix epoch.")
    return at


def _whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    least = 0 if name == "offset" else 1
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise Answer(400, "bad-parameter", f"'{name}' must be a whole number from {least} to {most}.")
    return int(text)


def _number(request: web.Request) -> int:
    text = request.match_info["work"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Answer(404, RefusalCode.UNKNOWN_WORK, "A promise has a whole number.")
    return int(text)


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Answer(415, "not-json", "Send the order's fields as a JSON object (application/json).")
    try:
        given = json.loads(await request.text() or "{}")
    except web.HTTPRequestEntityTooLarge:
        raise Answer(413, "too-long", "The order is too long.") from None
    except (ValueError, LookupError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Answer(400, "not-json", "The order's fields must be a JSON object.")
    return given


def _row(promise: Promise, trusted: bool) -> dict[str, Any]:
    row = _whole_row(promise, trusted)
    del row["history"]
    return row


def _whole_row(promise: Promise, trusted: bool) -> dict[str, Any]:
    return document(promise, numbers=trusted, said=trusted)


def _dumps(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
