"""Serves the pages `/promises` and `/promises/N`."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from aiohttp import web

from acd.core.errors import LedgerAway
from acd.core.promise import PromiseFigures
from acd.core.words import QueueId
from acd.core.work import WorkKind
from acd.web.board import choose_language
from acd.web.phrases import LANGUAGES
from acd.web.promise_pages import PAGE, STATES, Asked, PromisePages, PromiseWords
from acd.web.promises import Answer, PromiseApi, PromiseDesk, read_filter
from acd.web.shown_names import ShownNames
from acd.web.snapshots import Snapshots

_THEMES = ("auto", "light", "dark")


class PromiseSite:
    """`names` are asked for at each page; `zone` None: UTC days and times."""

    def __init__(
        self,
        desk: PromiseDesk,
        api: PromiseApi,
        pages: PromisePages,
        snapshots: Snapshots,
        *,
        names: Callable[[], ShownNames],
        language: str,
        zone: tzinfo | None,
    ) -> None:
        self._desk = desk
        self._api = api
        self._pages = pages
        self._snapshots = snapshots
        self._names = names
        self._language = language
        self._zone = zone

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/promises", self.many), web.get("/promises/{work}", self.one)]

    async def many(self, request: web.Request) -> web.Response:
        asked, words, theme = self._asked(request), *self._words(request)
        if isinstance(words, web.Response):
            return words
        wanted = read_filter(_query(asked), trusted=words.whole)
        try:
            found = await self._desk.promises.some(wanted, PAGE + 1, asked.offset)
            today = await self._today(asked, words.now)
        except LedgerAway:
            return _html(self._pages.away(words, asked, theme), words.language, 503)
        view = self._snapshots.current().view
        return _html(self._pages.many(words, asked, view, found, today, theme), words.language)

    async def one(self, request: web.Request) -> web.Response:
        asked, words, theme = self._asked(request), *self._words(request)
        if isinstance(words, web.Response):
            return words
        work = request.match_info["work"][:20]
        number = int(work) if work.isascii() and work.isdigit() and len(work) < 19 else -1
        try:
            promise = await self._desk.promises.one(number)
        except LedgerAway:
            return _html(self._pages.away(words, asked, theme), words.language, 503)
        view = self._snapshots.current().view
        html = self._pages.one(words, asked, view, promise, work, theme)
        return _html(html, words.language, 404 if promise is None else 200)

    async def _today(self, asked: Asked, now: float) -> PromiseFigures:
        """Since midnight, of the kind and queue that were asked for."""
        moment = datetime.fromtimestamp(now, self._zone or UTC)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        figures = await self._desk.promises.figures_between(midnight, now + 1)
        mine = (
            one
            for (queue, kind), one in figures.items()
            if asked.queue in ("", queue) and asked.kind in ("", kind)
        )
        return sum(mine, PromiseFigures())

    def _asked(self, request: web.Request) -> Asked:
        """What a page cannot show is taken for what it shows without it."""
        query = request.query
        offset = query.get("offset", "")
        known = {each.id for each in self._snapshots.current().view.queues}
        return Asked(
            state=query["state"] if query.get("state") in STATES else "open",
            kind=query["kind"] if query.get("kind") in list(WorkKind) else "",
            queue=query["queue"] if QueueId(query.get("queue", "")) in known else "",
            offset=int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 7 else 0,
            language=query["lang"] if query.get("lang") in LANGUAGES else "",
            theme=query["theme"] if query.get("theme") in _THEMES else "",
        )

    def _words(self, request: web.Request) -> tuple[PromiseWords | web.Response, str]:
        try:
            whole = self._api.is_trusted(request)
        except Answer as refused:
            return refused.response(), ""
        accepted = request.headers.get("Accept-Language", "")
        language = choose_language(request.query.get("lang"), accepted, self._language)
        view = self._snapshots.current().view
        words = self._pages.words(language, self._names(), view, whole=whole)
        theme = request.query.get("theme", "auto")
        return words, theme if theme in _THEMES else "auto"


def _query(asked: Asked) -> dict[str, str]:
    return {"state": asked.state, "kind": asked.kind, "queue": asked.queue}


def _html(text: str, language: str, status: int = 200) -> web.Response:
    headers = {"Content-Language": language, "Vary": "Accept-Language, Authorization"}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)
