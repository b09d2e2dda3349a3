"""A company's service, small enough to read before writing one's own: `dzvin example-service`.

The shipped meter and parcel lines put their questions to it. Each question is one POST of JSON, each answer
says what the caller hears (`say`: recordings' ids and pieces) and which way the dialogue goes (`go`)::

    dzvin example-service &
    ask() { curl -s -H 'Content-Type: application/json' -d "$2" http://127.0.0.1:8095/$1; echo; }
    ask meter/account '{"values": {"account": "10000001"}}'
    ask meter/reading '{"values": {"account": "10000001", "reading": "4600"}}'
    ask meter/debt '{"values": {"account": "10000001"}}'
    ask parcel/where '{"values": {"parcel": "2045900000011"}}'
    ask parcel/redelivery '{"values": {"parcel": "2045900000028", "day": "2030-12-31"}}'
    ask parcel/comment '{"values": {"comment": "thank you"}}'
    ask survey '{"values": {"score": "5", "recommend": "10"}}'
    curl -s http://127.0.0.1:8095/taken

The server also sends `call`, `line`, `step`, `language`, `caller`, and the header `Idempotency-Key`: a
question with a key that was answered before gets the same answer, and nothing is taken twice. Keep that, and
the status 200 for every answer that a caller shall hear; 400 says that the dialplan asks wrongly.
"""

import asyncio
import errno
import json
import signal
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date

from aiohttp import web

from ivr.errors import Plain
from ivr.hooks.example_company import KEPT, Answer, BadQuestion, Company, Taken, Values

PORT = 8095
_HOST = "127.0.0.1"
_KEYS = 1000
"""So many questions are remembered."""
_MOST_BYTES = 16 * 1024
Rule = Callable[[Values, str, str], Answer]


class ExampleService:
    """On loopback only. `port` 0 takes a free one; `tell` gets a line for each answer, without its values."""

    def __init__(
        self,
        port: int = 0,
        *,
        today: Callable[[], date] = date.today,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.company = Company(today)
        self._port, self._tell = port, tell
        self._answered: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._runner: web.AppRunner | None = None

    @property
    def taken(self) -> list[Taken]:
        """What callers gave so far, oldest first."""
        return self.company.taken

    @property
    def url(self) -> str:
        """Without a slash at the end; after `start`."""
        assert self._runner is not None, "start() comes first"
        return f"http://{_HOST}:{self._runner.addresses[0][1]}"

    async def start(self) -> None:
        """Listen. OSError when the port is taken."""
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_get("/taken", self._show_taken)
        company = self.company
        rules = {
            "/meter/account": company.account,
            "/meter/reading": company.reading,
            "/meter/debt": company.debt,
            "/parcel/where": company.where,
            "/parcel/redelivery": company.redelivery,
            "/parcel/comment": company.comment,
            **{f"/{what}": company.keeper(what) for what in KEPT},
        }
        for path, rule in rules.items():
            app.router.add_post(path, self._answers_by(rule))
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, _HOST, self._port).start()
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """May be called twice."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _answers_by(self, rule: Rule) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                given = self._once(request, await request.read(), rule)
            except BadQuestion as bad:
                self._tell(f"{request.path}: {bad}")
                raise web.HTTPBadRequest(text=f"{bad}\n") from None
            self._tell(f"{request.path}: {given.get('go', 'kept')}")
            return web.json_response(given)

        return answer

    def _once(self, request: web.Request, body: bytes, rule: Rule) -> Answer:
        """A question with a known key is answered as before."""
        key = (request.path, request.headers.get("Idempotency-Key", ""))
        if key in self._answered:
            return self._answered[key]
        values, call, line = _read(body)
        given = rule(values, call, line)
        if key[1]:
            self._answered[key] = given
        while len(self._answered) > _KEYS:
            self._answered.popitem(last=False)
        return given

    async def _show_taken(self, _request: web.Request) -> web.Response:
        text = json.dumps([asdict(one) for one in self.taken], ensure_ascii=False, indent=1)
        return web.Response(text=f"{text}\n", content_type="application/json")


def _read(body: bytes) -> tuple[Values, str, str]:
    """The values, the call and the line of a question. BadQuestion."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise BadQuestion("The body must be JSON.") from None
    values = read.get("values") if isinstance(read, dict) else None
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise BadQuestion('The body must be like {"values": {"account": "10000001"}}, all values texts.')
    return values, str(read.get("call", "")), str(read.get("line", ""))


async def serve(port: int) -> None:
    """Answer until Ctrl-C. Plain: the port is taken."""
    service = ExampleService(port, tell=lambda line: print(line, flush=True))
    try:
        await service.start()
    except OSError as error:
        why = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
        told = f"The example service cannot listen on port {port}: {why}; choose one with --port."
        raise Plain(told) from None
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    accounts, parcels = service.company.numbers
    print(f"Answers at {service.url}; what callers gave: {service.url}/taken; Ctrl-C ends it.")
    print(f"Accounts: {', '.join(accounts)}. Parcels: {', '.join(parcels)}.", flush=True)
    await ended.wait()
    await service.stop()
