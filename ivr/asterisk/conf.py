"""What Asterisk's configuration is made of, as checked data.

Every name, number and password is checked here, so that the templates can never be talked into a second
line, a comment or a section of their own; `ConfError` says in one sentence what is wrong.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ivr.errors import Plain

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_NUMBER = re.compile(r"\+?[0-9]{1,20}|\*[0-9]{1,10}")
_PATTERN = re.compile(r"_\+?[0-9XZN]{2,20}")
_PROMPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/-]{0,79}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_CORE_DATA = PurePosixPath("/usr/share/asterisk")
_RESERVED = frozenset({"general", "global", "globals", "system", "default", "udp", "tcp", "outside", "dzvin"})


class ConfError(Plain, ValueError):
    """A value that Asterisk's configuration cannot hold; the text is one sentence for the administrator."""


def _check(pattern: re.Pattern[str], value: str, what: str, right: str) -> None:
    if not pattern.fullmatch(value):
        raise ConfError(f"{what} {value!r} cannot be used: {right}.")


def is_language(name: str) -> bool:
    """Whether a folder of this name holds the prompts of a language (beside it may lie music)."""
    return _LANGUAGE.fullmatch(name) is not None


def check_name(value: str, what: str) -> None:
    """A section's name: letters, digits, `_`, `.`, `-`; not a word the templates use themselves."""
    _check(_NAME, value, what, "use 1 to 40 letters of a-z, digits, '_', '.' or '-'")
    if value.lower() in _RESERVED:
        raise ConfError(f"{what} {value!r} cannot be used: Dzvin's configuration has a part of this name.")


def check_password(value: str, what: str) -> None:
    """Printable ASCII, 6 to 80 characters, no blank at the ends (Asterisk would cut it off)."""
    right = "use 6 to 80 printable ASCII characters, no blank at either end"
    if not 6 <= len(value) <= 80 or not value.isascii() or not value.isprintable() or value != value.strip():
        raise ConfError(f"The password of {what} cannot be used: {right}.")


def check_text(value: str, what: str) -> None:
    """Text for people: any letters, no line break or other control character."""
    if _CONTROL.search(value) or len(value) > 80:
        raise ConfError(f"{what} {value!r} cannot be used: use at most 80 characters, no line break.")


def check_host(value: str, what: str) -> None:
    _check(_HOST, value, what, "use an IPv4 address or a host name")


def check_port(value: int, what: str) -> None:
    if not 1 <= value <= 65535:
        raise ConfError(f"{what} {value} cannot be used: a port is a number from 1 to 65535.")


def _check_network(value: str) -> None:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ConfError(f"The network {value!r} cannot be used: {error}.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A SIP account that registers: an operator's phone, or with `lines_only` a caller's test phone."""

    name: str
    password: str = field(repr=False)
    display: str = ""
    """Shown at the other side as the caller's name; empty: `name`."""
    number: str = ""
    """Shown as the caller's number; empty: `name` for operators, and what the phone says for callers."""
    language: str = "en"
    lines_only: bool = False
    """May dial the lines from outside and nothing else (no operator's codes)."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Channel variables set on each of its calls."""

    def __post_init__(self) -> None:
        check_name(self.name, "The phone's name")
        check_password(self.password, f"phone {self.name}")
        check_text(self.display, f"The display name of phone {self.name}")
        _check(_LANGUAGE, self.language, "The language", "use a code like en, uk or ru")
        if self.number:
            _check(_NUMBER, self.number, "The number", "use digits, with + before them if needed")
        for name, value in self.variables.items():
            _check(_NAME, name, "The variable", "use letters, digits and '_'")
            check_text(value, f"The variable {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A SIP line from an operator company: calls from `hosts` reach the lines, transfers leave by it."""

    name: str
    hosts: tuple[str, ...]
    """Addresses or networks that calls come from; they are let in without a password."""
    server: str = ""
    """host or host:port that transfers are sent to; empty: no outgoing calls."""
    username: str = ""
    password: str = field(default="", repr=False)
    language: str = "en"

    def __post_init__(self) -> None:
        check_name(self.name, "The trunk's name")
        for host in self.hosts:
            check_host(host.partition("/")[0], "The trunk's host")
        if self.server:
            host, _, port = self.server.partition(":")
            check_host(host, "The trunk's server")
            check_port(int(port) if port.isdigit() else (0 if port else 5060), "The trunk's port")
        if self.username:
            check_name(self.username, "The trunk's user name")
            check_password(self.password, f"trunk {self.name}")
        _check(_LANGUAGE, self.language, "The language", "use a code like en, uk or ru")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A number that calls may be sent to: the allow-list of transfers and fallbacks."""

    number: str
    """A number, or a pattern in Asterisk's words such as `_0800XXXXXXX` (X any digit, N 2-9, Z 1-9)."""
    via: str
    """Name of a `Phone`, which rings itself, or of a `Trunk`, which is asked for the number."""

    def __post_init__(self) -> None:
        pattern = _PATTERN if self.number.startswith("_") else _NUMBER
        _check(pattern, self.number, "The transfer number", "use digits, or '_' and digits, X, Z, N")
        check_name(self.via, "The transfer's way out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where Asterisk and the server meet each other and the phones."""

    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    fastagi_host: str = "127.0.0.1"
    fastagi_port: int = 4573
    rtp_first: int = 12000
    rtp_last: int = 12999
    public_host: str = ""
    """The address that phones outside a NAT see; empty: the machine's own."""
    local_networks: tuple[str, ...] = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    """Networks that phones may come from, and that are not behind the NAT."""
    allow_from: tuple[str, ...] = ()
    """More networks that phones may come from, e.g. 0.0.0.0/0 for everywhere."""

    def __post_init__(self) -> None:
        for what in ("sip", "ami", "fastagi"):
            check_host(getattr(self, f"{what}_host"), f"The {what} host")
            check_port(getattr(self, f"{what}_port"), f"The {what} port")
        if self.public_host:
            check_host(self.public_host, "The public host")
        check_port(self.rtp_first, "The first RTP port")
        check_port(self.rtp_last, "The last RTP port")
        if self.rtp_last - self.rtp_first < 3:
            raise ConfError(f"RTP ports {self.rtp_first} to {self.rtp_last} are too few for a call.")
        for network in (*self.local_networks, *self.allow_from):
            _check_network(network)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Paths as Asterisk itself sees them (inside its root folder, if it has one)."""

    base: PurePosixPath
    core_data: PurePosixPath = _CORE_DATA
    """Sounds, music and documentation of the Asterisk package."""

    def __post_init__(self) -> None:
        for path in (self.base, self.core_data):
            if _CONTROL.search(str(path)) or ";" in str(path) or not path.is_absolute():
                raise ConfError(f"The folder {str(path)!r} cannot be used: no ';' or line break in its name.")

    @property
    def control_socket(self) -> PurePosixPath:
        return self.base / "run" / "asterisk.ctl"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskConf:
    """Everything that the templates in `asterisk-conf/templates` know."""

    ami_secret: str = field(repr=False)
    ami_user: str = "dzvin"
    phones: tuple[Phone, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    addresses: Addresses = field(default_factory=Addresses)
    fallback_after: int = 20
    """Seconds a caller waits for an absent server before the apology and the fallback number."""
    fallback_number: str = ""
    """One of `transfers`; empty: the call ends after the apology."""
    apology_prompt: str = "apology"
    """Prompt id: played from dzvin/<id> in the channel's language."""
    language: str = "en"
    """Of calls that come without one."""
    outgoing_limit: int = 30
    """Transfers and fallbacks that may talk at once (a guard against toll fraud)."""
    rtp_timeout_for: int = 120
    """A call without any sound for so many seconds is ended; 0: never."""
    music: tuple[str, ...] = ()
    """Music classes beside `default`, each a folder data/moh/<class> of the instance."""
    own_music: bool = False
    """The class `default` plays data/moh/default of the instance, not the Asterisk package's music."""
    filter_events: bool = True
    """Only the AMI events that the server reads (Asterisk 20.10, 21.5, 22 and later know such filters)."""
    extra_modules: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    """Configuration file -> text put behind what the template makes, unchecked: for tests and benchmarks."""

    def __post_init__(self) -> None:
        check_name(self.ami_user, "The AMI user") if self.ami_user != "dzvin" else None
        check_password(self.ami_secret, "the AMI user")
        _check(_LANGUAGE, self.language, "The language", "use a code like en, uk or ru")
        _check(_PROMPT, self.apology_prompt, "The apology prompt", "use a prompt's id")
        for music in self.music:
            check_name(music, "The music class")
        for module in self.extra_modules:
            _check(re.compile(r"[a-z0-9_]+\.so"), module, "The module", "use a name like app_queue.so")
        self._check_accounts()
        self._check_ways_out()

    def _check_accounts(self) -> None:
        names = [phone.name for phone in self.phones] + [trunk.name for trunk in self.trunks]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfError(f"Two accounts have the name {twice[0]!r}; give each phone and trunk its own.")

    def _check_ways_out(self) -> None:
        known = {phone.name for phone in self.phones} | {trunk.name for trunk in self.trunks}
        for transfer in self.transfers:
            if transfer.via not in known:
                raise ConfError(
                    f"The number {transfer.number} goes by {transfer.via!r}, which does not exist."
                )
            if transfer.number.startswith("_") and transfer.via not in {trunk.name for trunk in self.trunks}:
                raise ConfError(f"The pattern {transfer.number} needs a trunk as its way out.")
        if self.fallback_number:
            _check(_NUMBER, self.fallback_number, "The fallback number", "use digits")
            if not self.allows(self.fallback_number):
                raise ConfError(
                    f"The fallback number {self.fallback_number} is not on the list of transfers."
                )

    def allows(self, number: str) -> bool:
        """Whether `number` may be dialled by a transfer."""
        return any(_matches(transfer.number, number) for transfer in self.transfers)


def _matches(allowed: str, number: str) -> bool:
    if not allowed.startswith("_"):
        return allowed == number
    classes = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]"}
    regex = "".join(classes.get(letter, re.escape(letter)) for letter in allowed[1:])
    return re.fullmatch(regex, number) is not None
