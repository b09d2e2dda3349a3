"""What people order about versions: carried to the running server, or done here where none runs.

Light to import, so that a rollback takes effect at once.
"""

from dataclasses import asdict
from typing import Any

from ivr.config import Settings
from ivr.control_client import NoServer, ask
from ivr.errors import Plain
from ivr.versions import Change, VersionStore
from ivr.versions.records import read_change_fields


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
        from ivr.arrangement import read_edition  # the dialplan's language is much to import

        read_edition(settings, store, wanted.live)
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
