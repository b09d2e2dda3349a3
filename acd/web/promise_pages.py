"""The pages `/promises` and `/promises/N`: rendered on the server; `static/promises.js` fetches them again
when something happens to a promise, and with the token when its holder has typed it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

import jinja2
from babel.dates import format_datetime, format_time

from acd.core.masking import mask_number
from acd.core.promise import Deed, Entry, Outcome, Promise, PromiseFigures
from acd.core.views import CenterView, OperatorView, QueueView
from acd.core.work import WorkKind, WorkStage
from acd.core.work_orders import fields_of
from acd.web.board import Words, clock
from acd.web.phrases import LANGUAGES
from acd.web.promise_phrases import promise_phrases_in
from acd.web.shown_names import ShownNames

STATES = ("open", "broken", "kept", "called-off", "all")
PAGE = 50
"""Promises on one page."""
SOON = 900.0
"""Seconds before it is due from which a promise counts as running out."""
_SIGNS = {Outcome.KEPT: "✓", Outcome.BROKEN: "✖", Outcome.CALLED_OFF: "○", Outcome.OPEN: "●"}
_QUOTED = frozenset({Deed.TRANSCRIBED, Deed.FORWARDED, Deed.HANDED_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page was asked for, as its links carry it on."""

    state: str = "open"
    kind: str = ""
    queue: str = ""
    offset: int = 0
    language: str = ""
    theme: str = ""

    def link(self, **changes: object) -> str:
        """The same page with something else asked for; a new filter begins at the first row."""
        values = {
            "state": self.state,
            "kind": self.kind,
            "queue": self.queue,
            "offset": 0,
            "lang": self.language,
            "theme": self.theme,
        }
        values |= changes
        given = {
            name: value for name, value in values.items() if value and (name, value) != ("state", "open")
        }
        return f"/promises?{urlencode(given)}" if given else "/promises"

    def link_to(self, promise: Promise) -> str:
        given = {name: value for name, value in (("lang", self.language), ("theme", self.theme)) if value}
        return f"/promises/{promise.id}" + (f"?{urlencode(given)}" if given else "")


class PromiseWords(Words):
    """The phrases of one language, and promises told in them."""

    def __init__(
        self, language: str, zone: tzinfo | None, names: ShownNames, view: CenterView, *, whole: bool
    ) -> None:
        super().__init__(language, zone, names)
        self.phrases = {**self.phrases, **promise_phrases_in(language)}
        self.now = view.at
        self.whole = whole
        self._queues = {each.id: each for each in view.queues}
        self._operators = {each.id: each for each in view.operators}

    def queue_name(self, queue: str) -> str:
        known: QueueView | None = self._queues.get(queue)  # type: ignore[call-overload]
        return self.queue(known) if known else self.names["queues"].get(queue, queue)

    def who(self, name: str) -> str:
        known: OperatorView | None = self._operators.get(name)  # type: ignore[call-overload]
        return self.operator(known) if known else self.names["operators"].get(name, name)

    def caller(self, promise: Promise) -> str:
        if not promise.caller:
            return self("withheld")
        return promise.caller if self.whole else mask_number(promise.caller)

    def moment(self, at: float) -> str:
        """The time of day; with its date where it is another day."""
        local = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        today = datetime.fromtimestamp(self.now, UTC).astimezone(self._zone).date()
        if local.date() == today:
            return format_time(local, "HH:mm", locale=self._locale)
        return format_datetime(local, "d MMM, HH:mm", locale=self._locale)

    def exactly(self, at: float) -> str:
        local = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        return format_datetime(local, "d MMM, HH:mm:ss", locale=self._locale)

    def iso(self, at: float) -> str:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

    def span(self, seconds: float) -> str:
        days, rest = divmod(int(seconds), 86400)
        return f"{days}:{rest // 3600:02}:{rest % 3600 // 60:02}:00" if days else clock(seconds)

    def left(self, promise: Promise) -> str:
        if not promise.is_open:
            return ""
        left = promise.due_at - self.now
        return self("due_late", span=self.span(-left)) if left < 0 else self("due_in", span=self.span(left))

    def standing(self, promise: Promise) -> str:
        if promise.is_open:
            return self._stage(promise)
        end = self(f"end_{promise.end}") if promise.end else ""
        more = [self.who(promise.closed_by), promise.topic]
        return ", ".join([end, *(part for part in more if part)])

    def _stage(self, promise: Promise) -> str:
        if promise.stage is WorkStage.NEW or promise.stage is None:
            if promise.not_before > self.now:
                return self("stage_later", until=self.moment(promise.not_before))
            return self("stage_by hand" if promise.by_hand else "stage_new")
        return self(f"stage_{promise.stage}", who=self.who(promise.holder))

    def outcome(self, promise: Promise) -> str:
        return "" if promise.outcome is Outcome.OPEN else self(f"outcome_{promise.outcome}")

    def deed(self, entry: Entry, promise: Promise) -> str:
        """What happened; what people said only where it may be seen."""
        said = entry.said
        if entry.what in _QUOTED and not self.whole:
            said = self("words_hidden")
        values = {
            "who": self.who(entry.who),
            "said": said,
            "number": self.number(entry.number or 0),
            "until": "" if entry.until is None else self.moment(entry.until),
            "result": self._result(entry, promise),
        }
        return self(f"deed_{entry.what}", **values)

    def _result(self, entry: Entry, promise: Promise) -> str:
        if entry.what is Deed.CLOSED:
            return self.standing(promise)
        return self.phrases.get(f"reach_{entry.said}", entry.said)


def row_state(promise: Promise, now: float) -> str:
    """For colours: 'late', 'soon', 'open', 'kept', 'broken', 'called-off'."""
    if not promise.is_open:
        return promise.outcome.replace(" ", "-")
    if promise.outcome is Outcome.BROKEN or promise.due_at < now:
        return "late"
    return "soon" if promise.due_at - now <= SOON else "open"


class PromisePages:
    """Renders both pages."""

    def __init__(self, page: str, zone: tzinfo | None, zone_name: str | None) -> None:
        self._page = page
        self._zone = zone
        self._zone_name = zone_name or ""
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("acd.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            languages=LANGUAGES,
            states=STATES,
            kinds=tuple(WorkKind),
            row_state=row_state,
            sign_of=lambda promise: _SIGNS[promise.outcome],
            orders=fields_of,
        )

    def words(self, language: str, names: ShownNames, view: CenterView, *, whole: bool) -> PromiseWords:
        return PromiseWords(language, self._zone, names, view, whole=whole)

    def many(
        self,
        words: PromiseWords,
        asked: Asked,
        view: CenterView,
        found: Sequence[Promise],
        today: PromiseFigures,
        theme: str,
    ) -> str:
        """`found` may hold one more than PAGE: then there is a next page."""
        return self._render(
            "promises.html",
            words,
            asked,
            theme,
            view=view,
            rows=found[:PAGE],
            today=today,
            following=asked.offset + PAGE if len(found) > PAGE else None,
            previous=max(0, asked.offset - PAGE) if asked.offset else None,
        )

    def one(
        self,
        words: PromiseWords,
        asked: Asked,
        view: CenterView,
        promise: Promise | None,
        work: str,
        theme: str,
    ) -> str:
        return self._render("promise.html", words, asked, theme, view=view, promise=promise, work=work)

    def away(self, words: PromiseWords, asked: Asked, theme: str) -> str:
        return self._render("promises_away.html", words, asked, theme)

    def _render(self, name: str, words: PromiseWords, asked: Asked, theme: str, **values: Any) -> str:
        template = self._environment.get_template(name)
        return template.render(
            t=words,
            asked=asked,
            theme=theme,
            page=self._page,
            zone=self._zone_name,
            said=_said(words.phrases),
            **values,
        )


def _said(phrases: Mapping[str, str]) -> dict[str, str]:
    """What the page's script says."""
    return {name: phrases[name] for name in ("live", "connecting", "lost", "ordered")}
