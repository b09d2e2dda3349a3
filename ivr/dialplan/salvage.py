"""What is left of a group with mistakes, so that the names in the rest of it can still be checked.

Wrong values are taken out; missing ones are filled with placeholders, which later checks pass over.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from ivr.dialplan.fields import Group

G = TypeVar("G", bound=Group)

ANY_ID = "placeholder"
ANY_NUMBER = "000000000000000"
ANY_LANGUAGE = "zz"
PLACEHOLDERS = frozenset({ANY_ID, ANY_NUMBER, ANY_LANGUAGE})
MAX_ROUNDS = 5

FILLINGS: dict[str, object] = {
    "name": ANY_ID,
    "numbers": [ANY_NUMBER],
    "number": ANY_NUMBER,
    "transfer": ANY_NUMBER,
    "phone": {"number": ANY_NUMBER},
    "languages": [ANY_LANGUAGE],
    "language": ANY_LANGUAGE,
    "menu": [ANY_ID],
    "play": [ANY_ID],
    "hang-up": [],
    "keys": {"1": ANY_ID},
    "queues": [ANY_ID],
    "week": {},
    "open": "closed",
    "country": "UA",
    "level": 1,
    "after": 60,
    "set-aside": 0,
}
"""A value for each key that must be there; keys that are not listed take a name."""


def salvage(schema: type[G], data: Any, error: ValidationError) -> G | None:
    """The group without its wrong values; None when nothing can be made of it. Changes `data`."""
    for _ in range(MAX_ROUNDS):
        if not isinstance(data, dict):
            return None
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            path = [part for part in detail["loc"] if part != "[key]"]
            _mend(data, path, missing=detail["type"] == "missing")
        try:
            return schema.model_validate(data)
        except ValidationError as next_error:
            error = next_error
    return None


def _mend(data: Any, path: list[int | str], *, missing: bool) -> None:
    """Fill in what is missing, or take out the nearest value that has a key."""
    while path and isinstance(path[-1], int):
        path, missing = path[:-1], False
    parent = _walk(data, path[:-1])
    if not path or not isinstance(parent, dict):
        return
    key = str(path[-1])
    if missing:
        parent[key] = FILLINGS.get(key, ANY_ID)
    else:
        parent.pop(key, None)


def _walk(data: Any, path: Iterable[int | str]) -> Any:
    for part in path:
        if isinstance(data, dict):
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data
