"""Crowds of light SIP phones for load: sipp does the protocol and stamps each message with microseconds.

No sound is sent. One process carries any number of operators' phones behind one port, another the callers.
`calls_of` turns an operators' trace into calls, and `waits` into the figure that benchmarks compare: from an
operator's hang-up to the next INVITE at the same phone. All times are seconds since the epoch.
"""

import asyncio
import contextlib
import re
import shutil
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from ivr.free_ports import take_ports

SCENARIOS = Path(__file__).parent / "scenarios"
_INVITED = re.compile(r"INVITE sip:([^@]+)@")


class CrowdError(RuntimeError):
    """sipp is missing, or phones were refused."""


@dataclass(frozen=True)
class SipMessage:
    """One line of sipp's short message trace; `sent` is seen from the phone."""

    at: float
    sent: bool
    call_id: str
    cseq: str
    first_line: str


@dataclass(frozen=True)
class CrowdCall:
    """One call at an operator's phone; what did not happen is None."""

    operator: str
    call_id: str
    invited_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    ended_by_phone: bool = False

    @property
    def talked(self) -> bool:
        return self.answered_at is not None and self.ended_at is not None


class Crowd:
    """A running sipp with its own folder; `stop()` ends it, `messages()` reads its trace at any time."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder, self.port = folder, take_ports(4) if port is None else port
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, None when it has ended."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    @property
    def trace(self) -> Path:
        return self.folder / "messages.csv"

    def messages(self) -> list[SipMessage]:
        """All messages so far, in order."""
        return list(read_trace(self.trace)) if self.trace.exists() else []

    async def wait(self, within: float) -> int:
        """Wait until sipp ends by itself; its exit status (0: every call went as planned)."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), within)

    async def stop(self, within: float = 3.0) -> None:
        """End the process, calls under way are dropped; safe to call twice."""
        if self._process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), within)
                return

    async def _start(self, scenario: str, values: dict[str, int], server: str, *options: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.trace.unlink(missing_ok=True)
        traced = ["-trace_shortmsg", "-shortmessage_file", str(self.trace), "-trace_err"]
        self._process = await run_sipp(
            self.folder, scenario, values, server, self.port, *options, *traced, "-error_file", "errors.log"
        )


class OperatorsCrowd(Crowd):
    """Registered phones that answer at once, talk `talk_for` seconds and hang up, each talk up to `varied_by`
    seconds shorter or longer, evenly spread.

    `accounts`: (name, password). `port`: the first of four free ports, by default found;
    it becomes the contact of all phones. Sound is announced at `port` + 2 and dropped.
    """

    def __init__(
        self,
        accounts: Sequence[tuple[str, str]],
        server_port: int,
        folder: Path,
        port: int | None = None,
        *,
        talk_for: float = 2.0,
        varied_by: float = 0.0,
    ) -> None:
        super().__init__(folder, port)
        self._accounts, self._server = accounts, f"127.0.0.1:{server_port}"
        self._talk_for, self._varied_by = talk_for, varied_by

    async def start(self, expires_for: int = 3600) -> None:
        """Register, then answer from now on; CrowdError when a phone was not registered."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await self._register(expires_for)
        least, most = self._talk_for - self._varied_by, self._talk_for + self._varied_by
        talk = {"least_ms": max(1, round(1000 * least)), "most_ms": max(2, round(1000 * most))}
        await self._start("operators", talk, self._server, "-aa", "-mp", str(self.port + 2))

    async def _register(self, expires_for: int, within: float = 20.0) -> None:
        """100 a second, from the port that is called later: the server may trust the sender's port only."""
        lines = [f"{name};[authentication username={name} password={word}]" for name, word in self._accounts]
        accounts = _input_file(self.folder / "accounts.csv", lines)
        count = str(len(self._accounts))
        values = {"crowd_port": self.port, "expires": expires_for}
        refusals = self.folder / "register-errors.log"
        refusals.unlink(missing_ok=True)
        options = [
            "-inf",
            str(accounts),
            "-m",
            count,
            "-r",
            "100",
            "-trace_err",
            "-error_file",
            str(refusals),
        ]
        process = await run_sipp(self.folder, "register", values, self._server, self.port, *options)
        try:
            status = await asyncio.wait_for(process.wait(), within)
        except TimeoutError:
            process.kill()
            status = await process.wait()
        if status != 0:
            raise CrowdError(f"not all of {count} phones were registered: {_refusal(refusals, status)}")

    def calls(self) -> list[CrowdCall]:
        """Every call at every phone so far, by time of INVITE."""
        return calls_of(self.messages())


class CallersCrowd(Crowd):
    """Callers who dial `number` at an even rate and stay until the server hangs up or patience ends.

    They come without a password, from 127.0.0.1 (a trunk), as 380500000001, …2, …
    """

    def __init__(self, number: str, server_port: int, folder: Path, port: int | None = None) -> None:
        super().__init__(folder, port)
        self._number, self._server = number, f"127.0.0.1:{server_port}"

    async def start(self, calls: int, per_second: float, patience_for: float = 600.0) -> None:
        """Begin dialling; `wait()` for the end."""
        numbers = [str(380500000001 + index) for index in range(calls)]
        options = ["-inf", str(_input_file(self._made() / "numbers.csv", numbers)), "-s", self._number]
        options += ["-m", str(calls), "-l", str(calls), "-mp", str(self.port + 2)]
        rate = ["-r", str(max(1, round(1000 * per_second))), "-rp", "1000000"]
        patience = {"patience_ms": round(1000 * patience_for)}
        await self._start("callers", patience, self._server, *options, *rate)

    def _made(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder


async def run_sipp(
    folder: Path, scenario: str, values: dict[str, int], server: str, port: int, *options: str
) -> asyncio.subprocess.Process:
    """Start sipp with one of our scenarios, `[name]` in it replaced by `values`; CrowdError without sipp."""
    program = shutil.which("sipp")
    if program is None:
        raise CrowdError("sipp is not installed (Debian, Ubuntu: package sip-tester)")
    text = (SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"[{name}]", str(value))
    filled = folder / f"{scenario}.xml"
    filled.write_text(text, encoding="utf-8")
    where = ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-nostdin"]
    return await asyncio.create_subprocess_exec(
        *(program, server, "-sf", str(filled), *where, *options),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


def read_trace(path: Path) -> Iterator[SipMessage]:
    """Lines `date TAB time TAB epoch TAB S|R TAB Call-ID TAB CSeq:n METHOD TAB first line`."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) >= 7 and line.endswith("\n"):  # the last line may be half written
                _, _, epoch, way, call_id, cseq, first = fields[:7]
                yield SipMessage(float(epoch), way == "S", call_id, cseq.removeprefix("CSeq:"), first)


def calls_of(messages: Iterable[SipMessage]) -> list[CrowdCall]:
    """Put an operators' trace together by Call-ID; repeated messages count once, by the first."""
    calls: dict[str, CrowdCall] = {}
    for message in messages:
        invited = _INVITED.match(message.first_line)
        call = calls.get(message.call_id)
        if invited and not message.sent and call is None:
            calls[message.call_id] = CrowdCall(invited[1], message.call_id, message.at)
        elif call is not None:
            calls[message.call_id] = _after(call, message)
    return list(calls.values())


def _after(call: CrowdCall, message: SipMessage) -> CrowdCall:
    method = message.cseq.rpartition(" ")[2]
    if message.sent and call.answered_at is None and method == "INVITE" and " 200 " in message.first_line:
        return replace(call, answered_at=message.at)
    if call.ended_at is None and message.first_line.startswith(("BYE ", "CANCEL ")):
        return replace(call, ended_at=message.at, ended_by_phone=message.sent)
    return call


def waits(calls: Iterable[CrowdCall], only_own_hang_ups: bool = True) -> list[float]:
    """Seconds from the end of each call to the next INVITE at the same phone.

    `only_own_hang_ups`: calls that the other side ended are left out. Overlapping calls (an INVITE while
    the phone still talks) give a negative figure, which is a fault of the server.
    """
    by_phone: dict[str, list[CrowdCall]] = {}
    for call in calls:
        by_phone.setdefault(call.operator, []).append(call)
    found = []
    for at_one in by_phone.values():
        for earlier, later in pairwise(sorted(at_one, key=lambda call: call.invited_at)):
            if earlier.ended_at is not None and (earlier.ended_by_phone or not only_own_hang_ups):
                found.append(later.invited_at - earlier.ended_at)
    return found


def _refusal(errors: Path, status: int) -> str:
    text = errors.read_text(encoding="utf-8", errors="replace") if errors.exists() else ""
    answer = re.search(r"received 'SIP/2\.0 ([^\r\n]+)", text)
    return answer[1] if answer else f"sipp ended with {status}"


def _input_file(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("SEQUENTIAL\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
