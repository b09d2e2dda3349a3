"""The replies of Asterisk's AGI as a machine without sockets: lines in, replies and the hang-up out."""

import re
from dataclasses import dataclass

_CODED = re.compile(r"(\d{3})([ -])(.*)", re.DOTALL)
_RESULT = re.compile(r"result=(\S*)")
_ENDPOS = re.compile(r"(?:^| )endpos=(-?\d+)")
_OPEN_VALUE = re.compile(r"200 result=\S* \((?!.*\)(?: endpos=-?\d+)?$)", re.DOTALL)
_VALUE = re.compile(r"\((.*)\)", re.DOTALL)
REPLY_LIMIT = 65_536
"""Characters of one reply."""


class BadReply(ValueError):
    """A reply beyond all limits: the connection cannot be trusted any more."""


@dataclass(frozen=True, slots=True)
class AgiReply:
    code: int
    """200 done, 510 unknown command, 511 the channel is dead, 520 wrong usage."""
    result: int
    """0 where the result is no number."""
    text: str
    """The result as it stood: digits of GET DATA are not always a number."""
    data: str
    """What stood in brackets, without them; may hold line ends. For codes other than 200: the explanation."""
    endpos: int | None = None
    """Samples played (8,000 a second), where the command says so."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The line HANGUP: the caller left, whatever command is under way."""


class ReplyReader:
    """Feed it lines; it knows where a reply of several lines ends.

    Two kinds have several: 520 with the usage (`520-…` up to a line that begins with `520 `), and the raw
    value of a variable that holds line ends (up to the closing bracket). A value may forge such an end;
    therefore `AgiSession.get_variable` asks for an encoded value.
    """

    def __init__(self) -> None:
        self._begun: list[str] = []

    def feed(self, line: str) -> AgiReply | HungUp | None:
        """`line` without its end. None: it says nothing yet (or nothing at all). Raises BadReply."""
        if self._begun:
            return self._go_on(line)
        if line == "HANGUP":
            return HungUp()
        if line.startswith("520-") or _OPEN_VALUE.match(line):
            self._begun = [line]
            return None
        return parse_reply(line)

    def _go_on(self, line: str) -> AgiReply | None:
        self._begun.append(line)
        if sum(map(len, self._begun)) > REPLY_LIMIT:
            raise BadReply(f"a reply longer than {REPLY_LIMIT} characters")
        usage = self._begun[0].startswith("520-")
        whole = "\n".join(self._begun)
        if (usage and not line.startswith("520 ")) or (not usage and _OPEN_VALUE.match(whole)):
            return None
        self._begun = []
        return parse_reply(whole)


def parse_reply(whole: str) -> AgiReply | None:
    """One complete reply; None for `100 Trying` and for lines that are no reply."""
    coded = _CODED.fullmatch(whole)
    if coded is None or coded[1] == "100":
        return None
    code, rest = int(coded[1]), coded[3]
    if code != 200:
        return AgiReply(code, -1, "", rest)
    result = _RESULT.match(rest)
    if result is None:
        return AgiReply(code, 0, "", rest)
    after = rest[result.end() :]
    value = _VALUE.search(after)
    endpos = _ENDPOS.search(after[value.end() :] if value else after)
    return AgiReply(
        code, _number(result[1]), result[1], value[1] if value else "", int(endpos[1]) if endpos else None
    )


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else 0
