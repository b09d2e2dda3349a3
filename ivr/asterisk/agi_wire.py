"""One FastAGI connection: commands out one by one, replies matched by order, the hang-up seen at once."""

import asyncio

import structlog
from panoramisk.fast_agi import Request

from ivr.asterisk.agi_reply import AgiReply, BadReply, HungUp, ReplyReader

log = structlog.get_logger(__name__)


class CallerGone(Exception):
    """The caller hung up (HANGUP line, 511, -1) or the connection ended: no command will work any more."""


class AgiTimeout(Exception):
    """The deadline passed without a reply. The session stays usable; the late reply is dropped."""


class AgiWire(Request):  # type: ignore[misc]  # panoramisk has no type hints
    """panoramisk's Request with a reader of its own.

    A task reads all the time, so `gone` is set the moment the caller leaves, also between commands. Asterisk
    answers commands strictly in order: the reply to a command nobody waits for any more is dropped, and a
    reply to no command at all is dropped as well. The next command is written only when the reply to the one
    before has come: Asterisk overlooks a command that arrives beside another one.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(None, {}, reader, writer)
        self.gone = asyncio.Event()
        self._sent = 0
        self._answered = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._waiter: asyncio.Future[AgiReply] | None = None
        self._reading = asyncio.create_task(self._read(), name="agi reader")

    async def ask(self, line: str, deadline: float | None) -> AgiReply:
        """Send `line` (encoded, without its end) and wait. Raises CallerGone, AgiTimeout. One at a time."""
        try:
            async with asyncio.timeout(deadline):
                await self._idle.wait()
                return await self._send(line)
        except TimeoutError:
            raise AgiTimeout(line.partition('"')[0].strip()) from None
        except OSError:
            self._end()
            raise CallerGone from None

    async def _send(self, line: str) -> AgiReply:
        if self.gone.is_set():
            raise CallerGone
        self._sent += 1
        self._idle.clear()
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            return await self.send_command(line)
        finally:
            self._waiter.cancel()
            self._waiter = None

    async def _read_result(self) -> "_Answer":
        """Called by panoramisk's send_command after it has written."""
        assert self._waiter is not None
        return _Answer(await self._waiter)

    async def send_command(self, command: str) -> AgiReply:
        answer: _Answer = await super().send_command(command)
        return answer.reply

    async def _read(self) -> None:
        replies = ReplyReader()
        try:
            while line := await self.reader.readline():
                if not line.endswith(b"\n"):
                    break
                self._take(replies.feed(line[:-1].removesuffix(b"\r").decode("utf-8", "replace")))
        except (BadReply, ValueError) as wrong:
            log.error("agi.bad_reply", why=str(wrong))
            self.writer.transport.abort()
        except OSError:
            pass
        finally:
            self._end()

    def _take(self, said: AgiReply | HungUp | None) -> None:
        match said:
            case HungUp() | AgiReply(code=511):
                self._end()
            case AgiReply() if self._answered == self._sent:
                log.warning("agi.unasked_reply", code=said.code)
            case AgiReply():
                self._answered += 1
                self._idle.set()
                if self._waiter is not None and not self._waiter.done():
                    self._waiter.set_result(said)
            case None:
                pass

    def _end(self) -> None:
        self.gone.set()
        self._idle.set()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(CallerGone())

    def mark_gone(self) -> None:
        """A reply has shown that the channel is dead."""
        self._end()

    async def close(self) -> None:
        """Close the connection and end the reader."""
        self._reading.cancel()
        self.writer.close()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._end()


class _Answer(dict[str, object]):
    """A reply in the clothes that panoramisk's send_command looks at: no status 100, no error."""

    def __init__(self, reply: AgiReply) -> None:
        super().__init__(status_code=reply.code)
        self.reply = reply
