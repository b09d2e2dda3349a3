"""What may be said to Asterisk: every value that goes into an AMI action or an AGI command passes here.

AMI and AGI are lines of text: a line end inside a value would be the next header, or the next command. So
all control characters are refused, never removed silently. Limits are those of Asterisk's manager.c (1,024
bytes a header line, 128 headers an action) and res_agi.c (a command of at most 2,047 bytes, 127 arguments).
"""

import re
from collections.abc import Mapping, Sequence

from panoramisk.actions import Action

LINE_LIMIT = 1024
HEADER_LIMIT = 128
COMMAND_LIMIT = 2047
ARGUMENT_LIMIT = 127

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")

_PATTERNS = {
    "channel name": re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.@+:\-]{1,120}(?:;[12])?"),
    "unique id": re.compile(r"[A-Za-z0-9_.\-]{1,149}"),
    "number": re.compile(r"\+?[0-9*#]{1,40}"),
    "endpoint": re.compile(r"[A-Za-z0-9_.\-]{1,79}"),
    "dial string": re.compile(r"(?:PJSIP|Local)/[A-Za-z0-9_.+*#\-]{1,79}(?:@[A-Za-z0-9_.\-]{1,79})?(?:/n)?"),
    "sound file": re.compile(r"[A-Za-z0-9_\-][A-Za-z0-9_.\-]*(?:/[A-Za-z0-9_\-][A-Za-z0-9_.\-]*)*"),
    "variable name": re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\([A-Za-z0-9_,.:\-]*\))?"),
    "application": re.compile(r"[A-Za-z][A-Za-z0-9_]*"),
    "language": re.compile(r"[a-z]{2,3}(?:_[A-Za-z]{2,8})?"),
    "keys": re.compile(r"[0-9*#A-D]*"),
    "address": re.compile(r"(?:[A-Za-z0-9.\-]{1,253}|\[[0-9a-f:]{2,39}\]):[0-9]{1,5}"),
    "word": re.compile(r"[A-Za-z0-9_.\-]{1,80}"),
}


class UnsafeValue(ValueError):
    """A value may not go to Asterisk. Names the field and the reason, never the value: it may be a secret."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def safe(value: str, field: str) -> str:
    """`value` unchanged if it holds no control character and can be written as UTF-8."""
    if _CONTROL.search(value):
        raise UnsafeValue(field, "holds a control character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UnsafeValue(field, "cannot be written as UTF-8") from None
    return value


def whitelisted(value: str, kind: str) -> str:
    """`value` if it is a well-formed `kind`: one of 'channel name', 'number', 'dial string', …"""
    if not _PATTERNS[kind].fullmatch(value):
        raise UnsafeValue(kind, "is not well-formed")
    return value


def cleaned(text: str) -> str:
    """Text that came from outside, for showing: control characters become blanks, blanks at the ends go."""
    return _CONTROL.sub(" ", text).strip()


def agi_word(value: str, field: str = "argument") -> str:
    """One AGI argument, quoted: Asterisk's parser gives back exactly `value` (res_agi.c, parse_args)."""
    escaped = safe(value, field).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def agi_command(words: Sequence[str]) -> str:
    """One AGI command without its line end. Bare is only its name, `words[0]` ('SET VARIABLE')."""
    if not words:
        raise UnsafeValue("command", "is empty")
    if len(words) > ARGUMENT_LIMIT:
        raise UnsafeValue("command", f"has more than {ARGUMENT_LIMIT} words")
    name = " ".join(whitelisted(word, "application") for word in words[0].split(" "))
    line = " ".join([name, *(agi_word(word, f"{name} argument {n}") for n, word in enumerate(words[1:], 1))])
    if len(line.encode()) > COMMAND_LIMIT:
        raise UnsafeValue(name, f"is longer than {COMMAND_LIMIT} bytes")
    return line


Headers = Mapping[str, str | Sequence[str]]


def ami_action(action: Action) -> bytes:
    """An action's bytes; raises UnsafeValue for anything that could become another header or action."""
    pairs = [(name, value) for name, values in action.items() for value in _each(values)]
    if len(pairs) > HEADER_LIMIT:
        raise UnsafeValue("action", f"has more than {HEADER_LIMIT} headers")
    for name, value in pairs:
        if not _HEADER_NAME.fullmatch(name):
            raise UnsafeValue("header name", "is not well-formed")
        header_value(value, name)
    return str(action).encode()


def _each(values: object) -> Sequence[str]:
    if isinstance(values, str):
        return (values,)
    if isinstance(values, (list, tuple)) and all(isinstance(value, str) for value in values):
        return values
    raise UnsafeValue("header", "is neither text nor a list of texts")


def header_value(value: str, name: str) -> str:
    """`value` if it can stand in the header `name`."""
    if value != value.strip(" "):
        raise UnsafeValue(name, "begins or ends with a blank, which Asterisk would lose")
    if len(f"{name}: {safe(value, name)}\r\n".encode()) > LINE_LIMIT:
        raise UnsafeValue(name, f"makes a line longer than {LINE_LIMIT} bytes")
    return value
