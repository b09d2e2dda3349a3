"""The wallboard's first state, rendered on the server; `static/board.js` keeps it live by the same rules."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from importlib import resources

import jinja2
from babel import Locale
from babel.dates import format_time
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from acd.core.views import CenterView, OperatorView, QueueView, operator_state
from acd.core.words import OperatorId, QueueId
from acd.web.phrases import LANGUAGES, phrases_in
from acd.web.shown_names import ShownNames
from acd.web.snapshots import Snapshot

NO_FIGURE = "–"
SIGNS = {
    "idle": "●",
    "ringing": "◎",
    "talking": "◆",
    "wrap-up": "✎",
    "on break": "❚❚",
    "logged out": "○",
    "unreachable": "✖",
    "set aside": "◐",
    "held": "◇",
}
LEVEL_SIGNS = {"ok": "✓", "late": "▲", "nobody": "■", "empty": "○"}
_ORDER = ("ringing", "talking", "held", "wrap-up", "idle", "set aside", "unreachable", "on break")
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    body: bytes
    content_type: str


def static_files() -> dict[str, StaticFile]:
    """The page's own files by name, read once."""
    folder = resources.files("acd.web") / "static"
    found = {item.name: item.read_bytes() for item in folder.iterdir()}
    return {
        name: StaticFile(body, _TYPES[name.rsplit(".", 1)[1]])
        for name, body in found.items()
        if name.rsplit(".", 1)[-1] in _TYPES
    }


def page_version(files: Mapping[str, StaticFile], version: str) -> str:
    """Changes with the page's files and the server's version: an open page reloads itself when it differs."""
    digest = hashlib.sha256(version.encode())
    for name in sorted(files):
        digest.update(files[name].body)
    return digest.hexdigest()[:12]


def choose_language(asked: str | None, accepted: str, default: str) -> str:
    """`?lang=` first, then the Accept-Language header by its weights, then `default`."""
    if asked in LANGUAGES:
        return str(asked)
    wishes: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), tag.partition("-")[0].strip().lower()))
        except ValueError:
            continue
    wishes.sort(key=lambda wish: wish[0])
    return next((tag for weight, tag in wishes if tag in LANGUAGES and weight < 0), default)


def clock(seconds: float) -> str:
    """A duration as on a watch: 0:07, 12:34, 1:02:03.

    >>> clock(7.9), clock(754), clock(3723), clock(-1)
    ('0:07', '12:34', '1:02:03', '0:00')
    """
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def has_promises(queue: QueueView) -> bool:
    """Whether the queue's card has a line about them: some are open, or were decided today."""
    return queue.work_open > 0 or queue.kept_share is not None


def level_of(queue: QueueView) -> str:
    """What the queue's sign says: 'ok', 'late', 'nobody' (callers wait, none logged in), 'empty'."""
    if queue.logged_in == 0:
        return "nobody" if queue.waiting else "empty"
    return "late" if queue.waiting and queue.longest_wait_for > queue.answer_within else "ok"


class Words:
    """The phrases, numbers and times of one language, for the template."""

    def __init__(self, language: str, zone: tzinfo | None, names: ShownNames | None = None) -> None:
        self.language = language
        self.names = (names or ShownNames()).in_language(language)
        self.phrases = phrases_in(language)
        self._locale = Locale.parse(language)
        self._zone = zone

    def __call__(self, key: str, **values: str) -> str:
        return self.phrases[key].format(**values)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._locale)

    def percent(self, share: float | None) -> str:
        return NO_FIGURE if share is None else format_percent(share, locale=self._locale)

    def wait(self, seconds: float | None) -> str:
        return NO_FIGURE if seconds is None else clock(seconds)

    def seconds(self, value: float) -> str:
        return format_unit(value, "duration-second", length="short", locale=self._locale)

    def time(self, at: float) -> str:
        moment = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        return format_time(moment, "HH:mm:ss", locale=self._locale)

    def reason(self, reason: str) -> str:
        """A break's reason: the dialplan's name for it, else ours for the usual ones."""
        return self.names["reasons"].get(reason) or self.phrases.get(f"reason_{reason}", reason)

    def queue(self, queue: QueueView) -> str:
        return self.names["queues"].get(queue.id, queue.name)

    def operator(self, operator: OperatorView) -> str:
        return self.names["operators"].get(operator.id, operator.name)

    def level(self, queue: QueueView) -> str:
        return self(f"level_{level_of(queue)}", within=self.seconds(queue.answer_within))

    def formula(self, queue: QueueView) -> str:
        within, short = self.seconds(queue.answer_within), self.seconds(queue.short_abandon_for)
        return self("formula", within=within, short=short)


def _people(view: CenterView, words: Words) -> list[OperatorView]:
    """Those logged in, the busiest state first, then by name."""
    shown = [o for o in view.operators if o.status != "logged out"]
    return sorted(shown, key=lambda o: (_ORDER.index(operator_state(o)), words.operator(o)))


_BLANK_QUEUE = QueueView(
    id=QueueId(""),
    name="",
    service_level=None,
    mean_wait_for=None,
    mean_handle_for=None,
    expected_wait_for=None,
    waiting=0,
    longest_wait_for=0.0,
    logged_in=0,
    idle=0,
    busy=0,
    wrap_up=0,
    on_break=0,
    answered=0,
    abandoned=0,
    short_abandoned=0,
    overflowed=0,
    answered_within=0,
    answer_within=0.0,
    short_abandon_for=0.0,
)
_BLANK_OPERATOR = OperatorView(
    id=OperatorId(""),
    name="",
    phone="",
    status="available",
    reason="",
    next_status="",
    activity="idle",
    since=0.0,
    until=None,
    reachable=True,
    set_aside=False,
    call=None,
    queue=None,
)


class Board:
    """Renders the page. `time_zone` is an IANA name for the clock; None: the viewer's own. `promises`: there
    is a page of them to lead to."""

    def __init__(
        self,
        page: str,
        zone: tzinfo | None,
        zone_name: str | None,
        names: ShownNames | None = None,
        *,
        promises: bool = False,
    ) -> None:
        self._page = page
        self._promises = promises
        self.names = names or ShownNames()
        self._zone = zone
        self._zone_name = zone_name
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("acd.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            state_of=operator_state,
            level_of=level_of,
            has_promises=has_promises,
            signs=SIGNS,
            level_signs=LEVEL_SIGNS,
            languages=LANGUAGES,
            blank_queue=_BLANK_QUEUE,
            blank_operator=_BLANK_OPERATOR,
        )

    def render(self, snapshot: Snapshot, language: str, theme: str) -> str:
        """HTML of the page; `theme` is 'auto', 'light' or 'dark'."""
        words = Words(language, self._zone, self.names)
        view = snapshot.view
        settings = {
            "words": words.phrases,
            "names": words.names,
            "signs": SIGNS,
            "levels": LEVEL_SIGNS,
            "order": _ORDER,
        }
        return self._environment.get_template("board.html").render(
            t=words,
            view=view,
            people=_people(view, words),
            out=sum(o.status == "logged out" for o in view.operators),
            switch_up=snapshot.health.switch_up,
            theme=theme,
            promises=self._promises,
            page=self._page,
            zone=self._zone_name or "",
            settings=json.dumps(settings, ensure_ascii=False),
        )
