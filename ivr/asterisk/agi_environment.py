"""What Asterisk says about a call when it connects over FastAGI (res_agi.c, setup_env)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from acd.core.words import CallId
from ivr.asterisk.encode import cleaned

_CHANNEL = re.compile(r"PJSIP/(.+)-[0-9a-f]{8}")
_LINE = re.compile(r"(agi_[a-z0-9_]+):(?: (.*))?")
_BEFORE_THE_NAME = frozenset(
    {
        "agi_network",
        "agi_network_script",
        "agi_request",
        "agi_channel",
        "agi_language",
        "agi_type",
        "agi_uniqueid",
        "agi_version",
        "agi_callerid",
    }
)
"""Headers that Asterisk writes before the caller's name. A line end inside the name can only forge lines
after these, and before all others: so of these the first is true, of the others the last."""


class BadEnvironment(ValueError):
    """The header block lacks what every call has."""


@dataclass(frozen=True, slots=True)
class AgiEnvironment:
    """One call as it connected; control characters are already gone."""

    route: str
    """Path of agi://host:port/path, without query and slashes at its ends: 'line', 'code'."""
    call: CallId
    channel: str
    """For instance 'PJSIP/trunk-00000012'."""
    caller: str
    """Number, '' if withheld or unknown."""
    caller_name: str
    """Without letters that Asterisk itself could not read (it makes U+FFFD of a SIP name in CP1251)."""
    dialled: str
    """The extension of the dialplan, that is the number or code that was dialled."""
    context: str
    endpoint: str
    """'trunk' for the channel 'PJSIP/trunk-00000012'; '' for channels without an endpoint."""
    language: str
    arguments: tuple[str, ...]
    headers: Mapping[str, str]
    """All headers as cleaned text, for instance 'agi_accountcode'."""


def endpoint_of(channel: str) -> str:
    """'trunk' of 'PJSIP/trunk-00000012'; '' for channels without an endpoint."""
    found = _CHANNEL.fullmatch(channel)
    return found[1] if found else ""


def readable(raw: bytes) -> str:
    """Text of a header: UTF-8, also cut in mid-letter; else CP1251, as old exchanges here send names."""
    try:
        return raw.decode()
    except UnicodeDecodeError as wrong:
        if wrong.reason == "unexpected end of data":
            return raw[: wrong.start].decode()
        return raw.decode("cp1251", "replace")


def parse_environment(lines: Iterable[bytes]) -> AgiEnvironment:
    """The call, from the header block's lines without their ends. Raises BadEnvironment."""
    headers: dict[str, str] = {}
    for raw in lines:
        line = _LINE.fullmatch(readable(raw))
        if line and not (line[1] in headers and line[1] in _BEFORE_THE_NAME):
            headers[line[1]] = cleaned(line[2] or "")
    return _environment(headers)


def _environment(headers: Mapping[str, str]) -> AgiEnvironment:
    if missing := [name for name in _NEEDED if not headers.get(name)]:
        raise BadEnvironment(f"no {', '.join(missing)}")
    channel = headers["agi_channel"]
    return AgiEnvironment(
        route=headers["agi_network_script"].partition("?")[0].strip("/"),
        call=CallId(headers["agi_uniqueid"]),
        channel=channel,
        caller=_known(headers.get("agi_callerid", "")),
        caller_name=_known(headers.get("agi_calleridname", "")).replace("\ufffd", "").strip(),
        dialled=headers.get("agi_extension", ""),
        context=headers.get("agi_context", ""),
        endpoint=endpoint_of(channel),
        language=headers.get("agi_language", ""),
        arguments=_arguments(headers),
        headers=headers,
    )


_NEEDED = ("agi_network_script", "agi_channel", "agi_uniqueid")


def _known(value: str) -> str:
    return "" if value in ("unknown", "<unknown>") else value


def _arguments(headers: Mapping[str, str]) -> tuple[str, ...]:
    arguments: list[str] = []
    while (name := f"agi_arg_{len(arguments) + 1}") in headers:
        arguments.append(headers[name])
    return tuple(arguments)
