"""What comes over AMI: messages, and the errors of actions."""

import re
from enum import StrEnum

_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED_HEADERS = ("calleridname", "connectedlinename")
_WRITTEN_RAW = frozenset({"OriginateResponse"})
"""Events in which Asterisk 22 writes names as they are (seen), while channel snapshots have them escaped."""


def unescaped(text: str) -> str:
    """Undo Asterisk's ast_escape_c: backslash escapes of control characters, quotes and the backslash."""
    if "\\" not in text:
        return text
    return _ESCAPED_PAIR.sub(lambda pair: _ESCAPES.get(pair[1], pair[1]), text)


class AmiMessage:
    """One event or response. Header names are case-insensitive; a header that is not there is never invented.

    The headers are read when first asked for: most messages of a flood are never asked.
    """

    __slots__ = ("_block", "_first", "_pairs", "name")

    name: str
    """Event name, '' for a response."""

    def __init__(self, block: bytes) -> None:
        """`block`: the message's bytes without the empty line that ends it."""
        self._block = block
        self._pairs: tuple[tuple[str, str], ...] | None = None
        self._first: dict[str, str] = {}
        if block.startswith(b"Event: "):
            end = block.find(b"\r\n")
            self.name = block[7 : end if end >= 0 else None].decode("utf-8", "replace")
        else:
            self.name = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All headers in their order, names in lower case, values unescaped."""
        if self._pairs is None:
            pairs = self._read()
            if b"\\" in self._block:
                pairs = [(name, self._decoded(name, value)) for name, value in pairs]
            self._pairs = tuple(pairs)
            self._first = dict(reversed(pairs))
        return self._pairs

    def _read(self) -> list[tuple[str, str]]:
        lines = self._block.decode("utf-8", "replace").split("\r\n")
        parted = [line.partition(":") for line in lines]
        return [(name.lower(), value.removeprefix(" ")) for name, colon, value in parted if colon]

    def _decoded(self, name: str, value: str) -> str:
        escaped = name.endswith(_ESCAPED_HEADERS) and not name.startswith("effective")
        if (escaped and self.name not in _WRITTEN_RAW) or (self.name == "VarSet" and name == "value"):
            return unescaped(value)
        return value

    @property
    def action_id(self) -> str:
        """'' if it answers no action. Cheap: the headers are not read for it."""
        at = self._block.find(b"\r\nActionID: ")
        if at < 0:
            return ""
        end = self._block.find(b"\r\n", at + 2)
        return self._block[at + 12 : end if end >= 0 else None].decode("utf-8", "replace")

    def get(self, header: str, default: str = "") -> str:
        """First value of `header`."""
        return self._first.get(header.lower(), default) if self.pairs else default

    def __getitem__(self, header: str) -> str:
        """First value of `header`; KeyError if absent."""
        if not self.pairs:
            raise KeyError(header)
        return self._first[header.lower()]

    def __contains__(self, header: str) -> bool:
        return bool(self.pairs) and header.lower() in self._first

    def all(self, header: str) -> tuple[str, ...]:
        """All values of a repeated header."""
        wanted = header.lower()
        return tuple(value for name, value in self.pairs if name == wanted)

    @property
    def success(self) -> bool:
        """It is a response that says yes."""
        return self.get("response") in ("Success", "Follows", "Goodbye")

    def __repr__(self) -> str:
        """The kind only: values may be callers' numbers or digits."""
        return f"<AmiMessage {self.name or 'response'}, {len(self._block)} bytes>"


class LinkState(StrEnum):
    READY = "ready"
    """Logged in and FullyBooted seen: look around now."""
    LOST = "lost"
    """Link gone (or Asterisk shuts down); reconnecting by itself."""
    REFUSED = "refused"
    """User or secret not accepted; tried again slowly."""


class AmiError(Exception):
    """Root of all that an action can raise, except UnsafeValue."""


class AmiNotReady(AmiError):
    """There is no link to Asterisk at the moment; nothing was sent."""


class AmiLost(AmiError):
    """The link broke while the action was under way: it may or may not have been done. Never sent again."""


class AmiTimeout(AmiError):
    """The deadline passed without a (complete) answer; a late answer is dropped."""


class ActionRefused(AmiError):
    """Response: Error. `message` is Asterisk's answer, `reason` its Message header."""

    def __init__(self, name: str, message: AmiMessage) -> None:
        super().__init__(f"{name}: {message.get('message')}")
        self.message = message
        self.reason = message.get("message")


class ListBroken(AmiError):
    """A list ended Cancelled, or with another number of items than it says."""
