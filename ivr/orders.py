"""What people order about versions, as the control socket carries it: to the running server, or done here."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import structlog

from ivr.arrangement import Arrangement, missing_recordings, store_of, unpublished
from ivr.config import Settings
from ivr.control import Handler, NoServer, ask
from ivr.errors import Plain
from ivr.live import LiveVersions
from ivr.versions import Change, VersionStore
from ivr.versions.records import read_change_fields

log = structlog.get_logger(__name__)


def orders(versions: LiveVersions) -> Mapping[str, Handler]:
    """The server's side."""

    async def change(request: Mapping[str, Any]) -> object:
        try:
            wanted, after = read_change_fields(request["change"]), int(request["after"])
            recordings = bool(request["recordings"])
        except (KeyError, TypeError, ValueError):
            raise Plain("This server does not understand the command; restart it after an upgrade.") from None
        made, left = await versions.change(after, wanted, recordings=recordings)
        return {"change": asdict(made), "left": left}

    async def catch_up(_request: Mapping[str, Any]) -> object:
        return {"change": asdict(await versions.catch_up())}

    async def status(_request: Mapping[str, Any]) -> object:
        return versions.status()

    return {"change": change, "catch up": catch_up, "status": status}


def order(
    settings: Settings, store: VersionStore, after: Change | None, wanted: Change, *, recordings: bool
) -> tuple[Change, str, bool]:
    """The change as it was made, what is left for a person, and whether a server runs. Plain: refused.

    Without a server it is written down, and the next one starts by it.
    """
    request = {
        "do": "change",
        "change": asdict(wanted),
        "after": after.serial if after else 0,
        "recordings": recordings,
    }
    try:
        answer = ask(settings.run_folder, request)
        return read_change_fields(answer["change"]), str(answer["left"]), True
    except NoServer:
        made = store.change(after, wanted)
    try:  # one that was just starting has read what was live before
        ask(settings.run_folder, {"do": "catch up"})
        return made, "", True
    except NoServer:
        return made, "", False


def status(settings: Settings) -> dict[str, Any] | None:
    """Of the running server; None: there is none, or it does not answer."""
    try:
        answer = ask(settings.run_folder, {"do": "status"}, within=5.0)
    except (NoServer, Plain):
        return None
    return answer if isinstance(answer, dict) else None


def tell_about(settings: Settings, first: Arrangement) -> None:
    """Into the log at a start: which version, what is missing, and whether the folder differs from it."""
    store, change = store_of(settings), first.change
    log.info("dialplan", version=change.live, who=change.who, why=change.why)
    for problem in missing_recordings(settings, store, change.live):
        log.warning("the dialplan is used with this fault", version=change.live, what=problem)
    for number, why in store.damaged().items():
        log.error("a version is damaged", version=number, why=why)
    differs = unpublished(settings, store)
    if differs:
        log.warning(differs)
