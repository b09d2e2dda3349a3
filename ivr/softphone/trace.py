"""Reads the SIP messages that baresip prints with `-s`: the headers of incoming INVITEs by Call-ID."""

import re
from collections.abc import Mapping

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*:\s*(.*)")
_ANSWER_AFTER = re.compile(r";\s*answer-after\s*=\s*\d+", re.IGNORECASE)
_ALERT_AUTO = re.compile(r"info\s*=\s*alert-autoanswer|ring[- ]?answer|auto[- ]?answer", re.IGNORECASE)

Headers = Mapping[str, str]


class InviteTrace:
    """Feed it the printed lines; it keeps the headers (names in lower case) of received INVITEs."""

    def __init__(self) -> None:
        self.invites: dict[str, Headers] = {}
        self._current: dict[str, str] | None = None

    def feed(self, line: str) -> str | None:
        """Take one line; returns the Call-ID when this line completes the headers of an INVITE."""
        line = _COLOUR.sub("", line).strip()
        if line.startswith("INVITE sip:"):
            self._current = {}
        elif self._current is None:
            return None
        elif header := _HEADER.fullmatch(line):
            self._current.setdefault(header[1].lower(), header[2])
        elif not line:
            return self._complete(self._current)
        return None

    def _complete(self, headers: dict[str, str]) -> str | None:
        self._current = None
        call_id = headers.get("call-id")
        if call_id is not None:
            self.invites.setdefault(call_id, headers)
        return call_id


def wants_auto_answer(headers: Headers) -> bool:
    """Whether an INVITE asks the phone to answer by itself.

    `Call-Info: …;answer-after=N` (Broadsoft/Polycom convention), `Answer-Mode: Auto` (RFC 5373),
    `Alert-Info: …;info=alert-autoanswer` and its relatives.
    """
    return bool(
        _ANSWER_AFTER.search(headers.get("call-info", ""))
        or _ALERT_AUTO.search(headers.get("alert-info", ""))
        or headers.get("answer-mode", "").lower().startswith("auto")
    )
