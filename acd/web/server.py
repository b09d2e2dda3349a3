"""The HTTP server: health, metrics, the live view for programs, the wallboard, and promises.

Only orders about promises change anything, and those need a token (`acd.web.promises`).
"""

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import asdict
from zoneinfo import ZoneInfo

from aiohttp import web

from acd.web.board import Board, choose_language, page_version, static_files
from acd.web.guard import guard
from acd.web.live import LiveClients
from acd.web.metrics import Metrics
from acd.web.promise_pages import PromisePages
from acd.web.promise_site import PromiseSite
from acd.web.promises import PromiseApi, PromiseDesk
from acd.web.shown_names import ShownNames
from acd.web.snapshots import Snapshots
from acd.web.source import Health, ViewSource

_THEMES = ("auto", "light", "dark")


class WebServer:
    """Serves `/`, `/health`, `/ready`, `/metrics`, `/api/view` and `/ws` for one `source`.

    Where there is a ledger (`promises`), also `/promises` and `/api/promises`; `api_token` lets its holder
    see everything and give orders.

    There is no log-in: bind it to loopback, or put a proxy with one in front. `allowed_hosts` are names by
    which it may be called beside addresses and 'localhost'. `time_zone` (IANA name) is for the wallboard's
    clock, `names` for its queues, operators and breaks. `port` 0 takes a free one; `address` says which,
    after `start`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        source: ViewSource,
        *,
        allowed_hosts: Collection[str] = (),
        language: str = "uk",
        time_zone: str | None = None,
        names: ShownNames | None = None,
        max_clients: int = 64,
        send_within: float = 10.0,
        calls_per_queue: int = 10,
        beat_for: float = 5.0,
        promises: PromiseDesk | None = None,
        api_token: str = "",
    ) -> None:
        self._host = host
        self._port = port
        self._source = source
        self._language = language
        self._files = static_files()
        page = page_version(self._files, source.health().version)
        self.snapshots = Snapshots(source, page=page, calls_per_queue=calls_per_queue, beat_for=beat_for)
        self.metrics = Metrics(self.snapshots.current)
        source.add_sink(self.metrics)
        self.live = LiveClients(
            self.snapshots, self.metrics.live_clients, limit=max_clients, send_within=send_within
        )
        zone = ZoneInfo(time_zone) if time_zone else None
        self._board = Board(page, zone, time_zone, names or ShownNames(), promises=promises is not None)
        self._names = {*allowed_hosts, host}
        self._promises = (
            [] if promises is None else self._promise_routes(promises, api_token, page, time_zone)
        )
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def app(self) -> web.Application:
        """The routes, for `start` and for tests."""
        app = web.Application(middlewares=[guard(self._names)], client_max_size=16 * 1024)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/health", self._health),
                web.get("/ready", self._ready),
                web.get("/metrics", self._metrics),
                web.get("/api/view", self._view),
                web.get("/ws", self.live.serve),
                web.get("/static/{name}", self._file),
                *self._promises,
            ]
        )
        return app

    def _promise_routes(
        self, desk: PromiseDesk, token: str, page: str, time_zone: str | None
    ) -> list[web.RouteDef]:
        zone = ZoneInfo(time_zone) if time_zone else None
        api = PromiseApi(desk, token)
        site = PromiseSite(
            desk,
            api,
            PromisePages(page, zone, time_zone),
            self.snapshots,
            names=lambda: self._board.names,
            language=self._language,
            zone=zone,
        )
        return [*api.routes(), *site.routes()]

    def rename(self, names: ShownNames) -> None:
        """Show these names from now on; pages that are open, once they are loaded again."""
        self._board.names = names

    async def start(self) -> None:
        """Listen. OSError when the port is taken or may not be used."""
        self._runner = web.AppRunner(self.app(), access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._tasks = [
            asyncio.create_task(self.snapshots.run(), name="web snapshots"),
            asyncio.create_task(self.metrics.watch_loop(), name="web loop lag"),
        ]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        assert self._runner is not None, "start() comes first"
        host, port = self._runner.addresses[0][:2]
        return str(host), int(port)

    async def stop(self) -> None:
        """Close every connection; may be called twice."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self.live.close()
        runner, self._runner = self._runner, None
        if runner is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        health = self._source.health()
        return web.json_response(
            {"status": "alive", "version": health.version, "started_at": health.started_at}
        )

    async def _ready(self, _request: web.Request) -> web.Response:
        health = self._source.health()
        reasons = health.reasons_not_ready()
        status = 503 if reasons else 200
        return web.json_response({"ready": not reasons, "reasons": reasons, **_state(health)}, status=status)

    async def _metrics(self, _request: web.Request) -> web.Response:
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=self.metrics.text(), headers=headers)

    async def _view(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.snapshots.current().text, content_type="application/json")

    async def _page(self, request: web.Request) -> web.Response:
        accepted = request.headers.get("Accept-Language", "")
        language = choose_language(request.query.get("lang"), accepted, self._language)
        theme = request.query.get("theme", "auto")
        html = self._board.render(self.snapshots.current(), language, theme if theme in _THEMES else "auto")
        headers = {"Content-Language": language, "Vary": "Accept-Language"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        # The page names each file with its version, so a browser may keep it.
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(
            body=found.body, content_type=found.content_type, charset="utf-8", headers=headers
        )


def _state(health: Health) -> dict[str, object]:
    return {
        "switch_up": health.switch_up,
        "dialplan_loaded": health.dialplan_loaded,
        "journal_writable": health.journal_writable,
        "journal_backlog": health.journal_backlog,
        "mqtt": health.mqtt,
        "mqtt_backlog": health.mqtt_backlog,
        "speech": asdict(health.speech),
        "hooks": asdict(health.hooks),
    }
