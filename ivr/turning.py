"""What is live is turned to another version: by a publish, after a trial, or back to an earlier one.

What is told afterwards is imported afterwards: a rollback must not wait for it.
"""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from ivr.config import Settings
from ivr.control_client import OvertakenThere
from ivr.errors import Plain
from ivr.orders import order
from ivr.versions import Change, Overtaken, VersionStore, What


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A change that was made."""

    change: Change
    difference: tuple[str, ...]
    left: str
    """What a person has to do still; '' for nothing."""
    server: bool
    """A running server goes by it now; without one, the next does."""
    took_for: float
    """Seconds from the order to its confirmation."""

    def document(self) -> dict[str, Any]:
        return asdict(self)


class Refused(Exception):
    """Not published, and why, a line each; exit status 1."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def finish(settings: Settings, *, who: str, why: str) -> Done:
    """The version on trial goes live. Refused: somebody was faster; Plain: none is on trial."""
    store = VersionStore(settings.run_folder)
    after = store.live()
    if after is None or after.canary is None:
        raise Plain("no version is on trial; `dzvin publish --canary 5%` begins with one.")
    number = after.canary.number
    wanted = _change(What.FINISH, number, who, why)
    done = make(settings, store, after, wanted, (), recordings=False)
    from ivr.versions.difference import difference

    changes = difference(store.folder_of(after.live), store.folder_of(number))
    return replace(done, difference=changes)


def roll_back(settings: Settings, number: int | None, *, who: str, why: str) -> Done:
    """To `number`; without it, a trial ends, or else what was live before this version comes back.

    Refused: somebody was faster. Plain: there is no such version, or it is live already.
    """
    store = VersionStore(settings.run_folder)
    after = store.live()
    if after is None:
        raise Plain("nothing was published yet; `dzvin publish` does it.")
    if number is None and after.canary is not None:
        wanted, from_number = _change(What.GIVE_UP, after.live, who, why), after.canary.number
    else:
        wanted, from_number = _change(What.ROLLBACK, _target(store, after, number), who, why), after.live
    done = make(settings, store, after, wanted, (), recordings=False)
    from ivr.arrangement import missing_recordings
    from ivr.versions.difference import difference

    missing = missing_recordings(settings, store, wanted.live)
    changes = difference(store.folder_of(from_number), store.folder_of(wanted.live))
    return replace(done, difference=changes, left="\n".join(filter(None, [done.left, *missing])))


def _target(store: VersionStore, after: Change, number: int | None) -> int:
    if number is None:
        number = store.version(after.live).based_on
        if number is None:
            raise Plain(f"version {after.live} is the first one; `dzvin versions` shows which there are.")
    store.version(number)
    if number == after.live and after.canary is None:
        raise Plain(f"version {number} is live already.")
    return number


def _change(what: What, live: int, who: str, why: str) -> Change:
    return Change(serial=0, what=what, live=live, canary=None, at=time.time(), who=who, why=why)


def make(
    settings: Settings,
    store: VersionStore,
    after: Change | None,
    wanted: Change,
    changes: tuple[str, ...],
    *,
    recordings: bool,
) -> Done:
    began = time.perf_counter()
    try:
        change, left, server = order(settings, store, after, wanted, recordings=recordings)
    except (Overtaken, OvertakenThere) as error:
        raise Refused([str(error)]) from None
    took = time.perf_counter() - began
    return Done(change=change, difference=changes, left=left, server=server, took_for=took)
