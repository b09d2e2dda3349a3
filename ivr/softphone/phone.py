"""One headless softphone: a baresip process with real SIP, sound both ways and keys.

Every phone sends a tone of its own, so that a recording tells who was heard. All times are
`time.monotonic()` seconds. Answering by header is done here, not in baresip: 1.0.0 cannot do it, so the
headers are read from its SIP trace and the call is accepted by command, in the same way for all versions.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from ivr.free_ports import give_back
from ivr.softphone import baresip
from ivr.softphone.control import Control, ControlError, Message
from ivr.softphone.events import Answer, Kind, PhoneEvent, SoftphoneError
from ivr.softphone.mouth import Mouth, Saying
from ivr.softphone.tone import write_repeated, write_silence, write_tone
from ivr.softphone.trace import InviteTrace, wants_auto_answer

__all__ = ["Answer", "Kind", "PhoneEvent", "Softphone", "SoftphoneError"]

KEY_EVERY_FOR = 0.25  # seconds from one pressed key to the next: 125 ms of tone, then a pause
KEY_DOWN_FOR = 0.125
KEY_RELEASED = b"\x04"
WAV_HEADER = 44
"""Bytes. A recording is there before them for a moment."""


class Softphone:
    """Use as `async with Softphone(...) as phone:` or `start()` … `stop()`.

    `name`, `password`: the SIP account. `folder`: an own folder, created; configuration, `baresip.log`
    and recordings `heard-1.wav`, `heard-2.wav`, … of ended calls are left in it. `tone_hz`: what the
    other side hears, None = silence. `sound`: a WAV file (8 kHz mono 16-bit) instead of the tone; it is
    repeated. `longest_call_for` seconds: then baresip hangs up, its sound is at its end.
    `codecs`: in its words, ULAW or ALAW for one of them only.
    """

    def __init__(
        self,
        name: str,
        password: str,
        server_port: int,
        folder: Path,
        tone_hz: float | None = 440.0,
        answer: Answer = Answer.BY_HEADER,
        *,
        server: str = "127.0.0.1",
        sound: Path | None = None,
        longest_call_for: float = 300.0,
        max_calls: int = 2,
        codecs: str = f"{baresip.ULAW},{baresip.ALAW}",
    ) -> None:
        self.name = name
        self.answer = answer
        self.events: list[PhoneEvent] = []
        self.on_event: Callable[[PhoneEvent], None] | None = None
        self._password, self._server = password, f"{server}:{server_port}"
        self._folder, self._tone_hz, self._sound, self._max_calls = folder, tone_hz, sound, max_calls
        self._ports: baresip.Ports | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._control, self._trace = Control(self._on_message), InviteTrace()
        self._log_reading: asyncio.Task[None] | None = None
        self._doing: set[asyncio.Task[None]] = set()
        self._changed, self._traced = asyncio.Event(), asyncio.Event()
        self._recordings: list[Path] = []
        self._longest_call_for, self._codecs = longest_call_for, codecs
        self._mouth = Mouth(self._control, folder, longest_call_for)

    async def __aenter__(self) -> "Softphone":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def address(self) -> str:
        """The account as a SIP URI, which is also baresip's name for it."""
        return f"sip:{self.name}@{self._server}"

    @property
    def pid(self) -> int | None:
        """The process, None when it is not running."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    # -- life ---------------------------------------------------------------------------------------------

    async def start(self, within: float = 10.0) -> None:
        """Start the process, without registering; SoftphoneError when it does not come up."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ports = baresip.free_ports()
        baresip.write_config(self._folder, self._sound_file(), self._ports, self._max_calls)
        await self._start_process(within)

    async def stop(self) -> None:
        """End calls, unregister and end the process; safe to call twice."""
        await self._quit()
        self._mouth.forget()
        if self._ports is not None:
            give_back(self._ports.sip)

    async def vanish(self) -> None:
        """Die without a word to the server, like a phone whose cable is pulled."""
        self._signal(signal.SIGKILL)
        await self._end_process()

    def freeze(self) -> None:
        """Stop answering anything, while the registration stays; `thaw()` ends it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze()`."""
        self._signal(signal.SIGCONT)

    # -- registration -------------------------------------------------------------------------------------

    async def register(self, within: float = 15.0, expires_for: int = 300) -> PhoneEvent:
        """Register and wait for the server's yes; SoftphoneError with its answer when it refuses."""
        seen = len(self.events)
        await self._control.command("uanew", self._account(expires_for))
        event = await self.wait_for(Kind.REGISTERED, Kind.NOT_REGISTERED, since=seen, within=within)
        if event.kind is Kind.NOT_REGISTERED:
            await self.unregister()  # else baresip tries again every second
            raise SoftphoneError(f"{self.name} was not registered: {event.detail}")
        return event

    async def unregister(self, within: float = 10.0) -> None:
        """End calls and tell the server that the phone is gone; `register()` brings it back.

        The process ends, which unregisters, and another one begins at the same ports: the command that takes
        one account away, `uadel`, can crash baresip 1.0. Events and recordings stay.
        """
        if self.pid is None:
            raise SoftphoneError(f"{self.name} is not running")
        await self._quit()
        self._close_what_is_left()
        self._control = Control(self._on_message)
        await self._start_process(within)

    # -- calls --------------------------------------------------------------------------------------------

    async def dial(self, number: str) -> float:
        """Dial and return the time; see `events` for what follows. `number` may have * and #."""
        await self._mouth.rest()
        user = number.replace("#", "%23")
        at = time.monotonic()
        await self._control.command("dial", f"sip:{user}@{self._server}")
        return at

    async def press(self, keys: str) -> float:
        """Press keys 0-9 * # A-D in the current call (RFC 4733); returns when the last one was released."""
        for key in keys:
            self._type(key.encode())
            await asyncio.sleep(KEY_DOWN_FOR)
            self._type(KEY_RELEASED)
            await asyncio.sleep(KEY_EVERY_FOR - KEY_DOWN_FOR)
        return time.monotonic()

    async def say(self, sound: Path) -> Saying:
        """Play a WAV (8 kHz mono 16-bit) once in the current call instead of the usual sound, then silence.

        Returns as it begins. What was being said is broken off. SoftphoneError without a call; ValueError
        for a file of another form.
        """
        if not self.talking:
            raise SoftphoneError(f"{self.name} is in no call: nobody would hear it")
        return await self._mouth.say(sound)

    async def accept(self) -> None:
        """Answer the ringing call."""
        busy = self.talking
        await self._control.command("accept")
        if not busy:
            await self._mouth.rest()

    async def hang_up(self) -> float:
        """End the current call (or cancel it while it rings elsewhere) and return the time."""
        at = time.monotonic()
        await self._control.command("hangup")
        return at

    async def reject(self) -> None:
        """Refuse the ringing call."""
        await self._control.command("hangup")

    # -- what happened ------------------------------------------------------------------------------------

    async def wait_for(self, *kinds: Kind, since: int = 0, within: float = 10.0) -> PhoneEvent:
        """The first such event from index `since` of `events` on; SoftphoneError after `within` seconds."""
        loop = asyncio.get_running_loop()
        deadline, last_look = loop.time() + within, False
        while True:
            self._changed.clear()
            found = next((event for event in self.events[since:] if event.kind in kinds), None)
            if found is not None:
                return found
            if last_look:
                wanted = ", ".join(kind.name for kind in kinds)
                seen = ", ".join(event.kind.name for event in self.events[since:]) or "nothing"
                raise SoftphoneError(f"{self.name}: no {wanted} in {within} s, but {seen}")
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:  # what came in the same moment counts
                last_look = True

    @property
    def talking(self) -> bool:
        """Whether a call is established now."""
        ids = [event.call_id for event in self.events if event.kind is Kind.ESTABLISHED]
        gone = {event.call_id for event in self.events if event.kind is Kind.CLOSED}
        return any(call_id not in gone for call_id in ids)

    def recordings(self) -> list[Path]:
        """What was heard, one WAV per call with sound, oldest first; the last may still be growing."""
        return [*self._recordings, *filter(_is_wav, self._unfinished())]

    def heard(self) -> Path:
        """The latest recording; SoftphoneError when nothing was ever heard."""
        if not (all_of_them := self.recordings()):
            raise SoftphoneError(f"{self.name} has heard nothing yet")
        return all_of_them[-1]

    # -- inside -------------------------------------------------------------------------------------------

    def _sound_file(self) -> Path:
        path = self._mouth.usual
        if self._sound is not None:
            return write_repeated(path, self._sound, self._longest_call_for)
        if self._tone_hz is None:
            return write_silence(path, self._longest_call_for)
        return write_tone(path, self._tone_hz, self._longest_call_for)

    def _account(self, expires_for: int) -> str:
        return (
            f"<{self.address};transport=udp>;auth_user={self.name};auth_pass={self._password}"
            f";regint={expires_for};answermode=manual;audio_codecs={self._codecs}"
        )

    async def _start_process(self, within: float) -> None:
        assert self._ports is not None
        self._process = await asyncio.create_subprocess_exec(
            *baresip.command_line(self._folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C in the demo must not kill phones before they hang up
        )
        self._log_reading = asyncio.create_task(self._read_log())
        await self._connect(self._ports.control, within)

    async def _quit(self) -> None:
        """End calls, unregister and end the process, if it runs; its last events are read."""
        for task in self._doing:
            task.cancel()
        if self.pid is not None:
            self._signal(signal.SIGCONT)
            with contextlib.suppress(ControlError):
                await self._control.command("quit", within=2.0)
            await self._end_process()
        await self._control.close()
        if self._log_reading is not None:
            await asyncio.gather(self._log_reading, return_exceptions=True)

    def _close_what_is_left(self) -> None:
        """Calls end with their process, which does not always live to tell it."""
        open_calls = {event.call_id: event.peer for event in self.events if event.call_id}
        for event in self.events:
            if event.kind is Kind.CLOSED:
                open_calls.pop(event.call_id, None)
        for call_id, peer in open_calls.items():
            self._happened(PhoneEvent(time.monotonic(), Kind.CLOSED, call_id, peer, "unregistered"))

    async def _connect(self, port: int, within: float) -> None:
        deadline = time.monotonic() + within
        while True:
            try:
                return await self._control.connect(port)
            except OSError as refused:
                if self.pid is None or time.monotonic() > deadline:
                    await self.stop()
                    raise SoftphoneError(
                        f"{self.name} did not start, see {self._folder}/baresip.log"
                    ) from refused
                await asyncio.sleep(0.02)

    async def _read_log(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with (self._folder / "baresip.log").open("ab") as log:
            async for line in self._process.stdout:
                log.write(line)
                log.flush()
                if self._trace.feed(line.decode(errors="replace")):
                    self._traced.set()

    def _on_message(self, message: Message) -> None:
        try:
            kind = Kind(str(message.get("type")))
        except ValueError:
            return  # SDP, RTCP and other events that nobody needs here
        call_id = str(message.get("id", ""))
        event = PhoneEvent(
            at=time.monotonic(),
            kind=kind,
            call_id=call_id,
            peer=str(message.get("peeruri", "")),
            detail=str(message.get("param", "")),
            headers=self._trace.invites.get(call_id, {}) if kind is Kind.INCOMING else {},
        )
        self._happened(event)

    def _happened(self, event: PhoneEvent) -> None:
        self.events.append(event)
        self._react(event)
        self._changed.set()
        if self.on_event is not None:
            self.on_event(event)

    def _react(self, event: PhoneEvent) -> None:
        if event.kind is Kind.INCOMING:
            self._do(self._answer_by_itself(event))
        elif event.kind is Kind.CLOSED:
            self._keep_recording()
            self._do(self._rest())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _rest(self) -> None:
        """At once, for baresip changes no sound while a call rings; what fails is done with the next call."""
        with contextlib.suppress(ControlError):
            if not self.talking:
                await self._mouth.rest()

    async def _answer_by_itself(self, event: PhoneEvent) -> None:
        with contextlib.suppress(ControlError):  # the caller may be gone by now
            match self.answer:
                case Answer.AT_ONCE:
                    await self.accept()
                case Answer.BUSY:
                    await self.reject()
                case Answer.BY_HEADER if wants_auto_answer(await self.headers_of(event.call_id)):
                    await self.accept()
                case _:
                    pass

    async def headers_of(self, call_id: str, within: float = 2.0) -> Mapping[str, str]:
        """The INVITE's headers (names in lower case); the trace may come a moment after the event."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while call_id not in self._trace.invites:
                    self._traced.clear()
                    await self._traced.wait()
        return self._trace.invites.get(call_id, {})

    def _unfinished(self) -> list[Path]:
        return sorted(self._folder.glob("*-dec.wav"), key=lambda path: path.stat().st_mtime)

    def _keep_recording(self) -> None:
        """Rename at once: baresip names recordings by the second and would overwrite."""
        for path in self._unfinished():
            kept = self._folder / f"heard-{len(self._recordings) + 1}.wav"
            self._recordings.append(path.rename(kept))
        for said in self._folder.glob("*-enc.wav"):  # its own tone: known, and half of the disk space
            said.unlink()

    def _type(self, keys: bytes) -> None:
        assert self._ports is not None
        baresip.type_keys(self._ports.keys, keys)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _end_process(self, within: float = 3.0) -> None:
        assert self._process is not None
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                await asyncio.wait_for(self._process.wait(), within)
                return
            except TimeoutError:
                self._signal(number)
        await self._process.wait()


def _is_wav(recording: Path) -> bool:
    return recording.stat().st_size >= WAV_HEADER
