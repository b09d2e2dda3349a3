"""Which versions of the dialplan calls go by, read from the store: what server and commands speak of."""

import contextlib
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.book import Book
from ivr.config import Settings
from ivr.dialplan.check import check
from ivr.dialplan.loader import Loaded, load
from ivr.dialplan.numbers import fits
from ivr.dialplan.problems import DialplanErrors
from ivr.errors import Plain
from ivr.versions import Change, Version, VersionStore, What
from ivr.versions.files import digest_of
from ivr.versions.joining import joined

_ENDING = "ending.json"
"""In the store's folder: versions that calls still went by when the server last looked."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A version as the server runs it."""

    number: int
    loaded: Loaded

    @property
    def book(self) -> Book:
        patterns = self.loaded.outside.allowed_numbers
        return Book(
            self.loaded.dialplan,
            lambda number: any(fits(pattern, number) for pattern in patterns),
            self.number,
        )


@dataclass(frozen=True, slots=True)
class Arrangement:
    change: Change
    live: Edition
    tried: Edition | None = None
    """The one on trial."""
    ending: tuple[Edition, ...] = ()
    """Others that calls in progress go by."""

    @property
    def whole(self) -> Loaded:
        """The live version, with what the others need beside it."""
        tried = self.tried.loaded if self.tried else None
        return joined(self.live.loaded, tried, [edition.loaded for edition in self.ending])


def store_of(settings: Settings) -> VersionStore:
    return VersionStore(settings.run_folder)


def read_edition(settings: Settings, store: VersionStore, number: int) -> Edition:
    """Without a look at the recordings, which no version holds: one that is missing must not stop a rollback.

    Plain: there is no such version, it is damaged, or this Dzvin does not understand it.
    """
    store.version(number)
    try:
        return Edition(number, load(store.folder_of(number), web_address=settings.web_address))
    except DialplanErrors as mistakes:
        raise Plain(
            f"version {number} of the dialplan cannot be used by this Dzvin; mend {settings.dialplans} and "
            f"`dzvin publish` it:\n{mistakes}"
        ) from None


def read_arrangement(settings: Settings, store: VersionStore) -> Arrangement | None:
    """None: nothing was published yet. Plain: the live version cannot be used."""
    change = store.live()
    if change is None:
        return None
    tried = read_edition(settings, store, change.canary.number) if change.canary else None
    live = read_edition(settings, store, change.live)
    shown = {live.number, tried.number if tried else None}
    ending = []
    for number in read_ending(store):
        with contextlib.suppress(Plain):
            if number not in shown:
                ending.append(read_edition(settings, store, number))
    return Arrangement(change, live, tried, tuple(ending))


def first_arrangement(settings: Settings) -> Arrangement:
    """As `read_arrangement`; the first start of all publishes the dialplan's folder as version 1.

    Plain: every mistake in it, or why the live version cannot be used.
    """
    store = store_of(settings)
    found = read_arrangement(settings, store)
    if found is not None:
        return found
    load_folder(settings)
    version = Version(
        number=0,
        digest="",
        at=time.time(),
        who="dzvin",
        why=What.FIRST,
        based_on=None,
        checked="no mistakes",
        difference=(),
    )
    staged = store.stage(settings.dialplans)
    try:
        made = store.add(staged, version)
    finally:
        store.drop(staged)
    first = Change(
        serial=0, what=What.FIRST, live=made.number, canary=None, at=made.at, who=made.who, why=made.why
    )
    store.change(None, first)
    store.note_base(settings.dialplans, made.number)
    again = read_arrangement(settings, store)
    assert again is not None
    return again


def load_folder(settings: Settings) -> Loaded:
    """The folder on disk with all its recordings. Plain: every mistake, a line each."""
    try:
        return load(settings.dialplans, settings.prompts, web_address=settings.web_address)
    except DialplanErrors as mistakes:
        raise Plain(f"the dialplan in {settings.dialplans} has mistakes:\n{mistakes}") from None


def missing_recordings(settings: Settings, store: VersionStore, number: int) -> list[str]:
    """What callers of this version would not hear, a sentence each."""
    problems = check(store.folder_of(number), settings.prompts, web_address=settings.web_address)
    return [problem.text for problem in problems if problem.severity == "error"]


def unpublished(settings: Settings, store: VersionStore) -> str:
    """A sentence if the folder on disk differs from what is live; '' if not, or if nothing is live."""
    change = store.live()
    if change is None:
        return ""
    try:
        on_disk = digest_of(settings.dialplans)
    except OSError:
        return ""
    for number in {change.live, change.canary.number if change.canary else change.live}:
        if store.version(number).digest == on_disk:
            store.note_base(settings.dialplans, number)
            return ""
    return (
        f"changed on disk, not published: {settings.dialplans} differs from version {change.live}, "
        "which is live; `dzvin publish` shows the difference and takes it over."
    )


def read_ending(store: VersionStore) -> tuple[int, ...]:
    try:
        known = json.loads((store.folder / _ENDING).read_text())
    except (OSError, ValueError):
        return ()
    return tuple(number for number in known if type(number) is int) if isinstance(known, list) else ()


def write_ending(store: VersionStore, numbers: Iterable[int]) -> None:
    """For the next server. Without it calls that wait in a queue that is gone lose their place."""
    part = store.folder / f".{_ENDING}.{os.getpid()}"
    with contextlib.suppress(OSError):
        part.write_text(json.dumps(sorted(numbers)))
        part.replace(store.folder / _ENDING)
