"""What the running server does on orders about versions, and what it tells about them at its start."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import structlog

from ivr.arrangement import Arrangement, missing_recordings, store_of, unpublished
from ivr.config import Settings
from ivr.control import Handler
from ivr.errors import Plain
from ivr.live import LiveVersions
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
