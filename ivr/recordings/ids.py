"""Names of recordings: an id says when it was made and for what; its two files lie in a folder of the day."""

import re
import secrets
from datetime import UTC, date, datetime

from ivr.recordings.port import RecordingError

SOUND = ".wav"
FACTS = ".json"
_NAME_LENGTH = 40
_ID = re.compile(r"(\d{4})(\d\d)(\d\d)-\d{6}(-[A-Za-z0-9_.]{1,40}){2}-[0-9a-f]{8}", re.ASCII)
_FILE = re.compile(rf"(?P<id>{_ID.pattern})\.(wav|json)", re.ASCII)
_LEFT_OVER = re.compile(rf"\.{_ID.pattern}\.(wav|json)(\.[0-9a-f]{{8}})?\.part", re.ASCII)


def make_id(call: str, name: str, at: datetime) -> str:
    """A new one; `at` is aware. What is harmless of `call` and `name` is in it."""
    moment = at.astimezone(UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{_harmless(call)}-{_harmless(name)}-{secrets.token_hex(4)}"


def _harmless(text: str) -> str:
    """Letters, digits, '_' and '.' inside; never empty."""
    return re.sub(r"[^A-Za-z0-9.]", "_", text[:_NAME_LENGTH]).replace("..", "__").strip(".") or "_"


def day_of(id_: str) -> date:
    """The day (UTC) of a recording. RecordingError for anything that is no id."""
    found = _ID.fullmatch(id_)
    try:
        if found:
            return date(*(int(part) for part in found.group(1, 2, 3)))
    except ValueError:
        pass
    raise RecordingError("this is not the id of a recording")


def time_of(id_: str) -> datetime:
    """When the recording was made, UTC. RecordingError likewise."""
    _ = day_of(id_)
    try:
        return datetime.strptime(id_[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise RecordingError("this is not the id of a recording") from None


def sound_of(id_: str) -> str:
    """'2026-11-22/ID.wav'. RecordingError likewise."""
    return f"{day_of(id_).isoformat()}/{id_}{SOUND}"


def facts_of(id_: str) -> str:
    """'2026-11-22/ID.json'. RecordingError likewise."""
    return f"{day_of(id_).isoformat()}/{id_}{FACTS}"


def id_in(name: str) -> str | None:
    """The id of the recording that the file 'DAY/ID.wav' or 'DAY/ID.json' belongs to; None: to none."""
    day, _, file = name.rpartition("/")
    found = _FILE.fullmatch(file)
    if found is None:
        return None
    try:
        return found["id"] if day_of(found["id"]).isoformat() == day else None
    except RecordingError:
        return None


def is_left_over(file: str) -> bool:
    """A file that was being written when the server ended; without its folder."""
    return bool(_LEFT_OVER.fullmatch(file))
