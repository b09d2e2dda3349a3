"""A stream of sound with one caller, as long as it is needed; Asterisk is asked to open and to end it."""

import asyncio
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import structlog

from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.asterisk.audiosocket import AudioSocketFull, AudioSocketServer, AudioStream, StreamMissing
from ivr.question import ListeningFailed

log = structlog.get_logger(__name__)

CONNECT_WITHIN = 3.0
"""Asterisk itself gives up after 2 s."""
CLOSE_WITHIN = 2.0
"""From our goodbye until Asterisk's command has returned."""
HELD_UP = 0.2
"""Seconds. A timer so late tells that the machine stood still, and those who send to us did so as well."""
_BEEP_HZ, _BEEP_FOR, _BEEP_LOUDNESS = 1400.0, 0.25, 0.2


@asynccontextmanager
async def connected(
    server: AudioSocketServer,
    agi: AgiSession,
    connect_within: float = CONNECT_WITHIN,
    close_within: float = CLOSE_WITHIN,
) -> AsyncIterator[tuple[AudioStream, asyncio.Task[bool]]]:
    """A stream with this caller, and the AGI command that runs as long as it lives; seconds.

    No other command of this session can run meanwhile. Raises CallerGone, ListeningFailed.
    """
    try:
        expected = server.expect()
    except AudioSocketFull as full:
        raise ListeningFailed(str(full)) from None
    command = asyncio.create_task(agi.exec_audio_socket(expected.id, server.address))
    arriving = asyncio.create_task(expected.stream(connect_within))
    try:
        await asyncio.wait({command, arriving}, return_when=asyncio.FIRST_COMPLETED)
        if not arriving.done():
            raise await why_lost(command)
        try:
            stream = arriving.result()
        except StreamMissing as missing:
            raise ListeningFailed(str(missing)) from None
        yield stream, command
    finally:
        arriving.cancel()
        expected.cancel()
        await _end(command, close_within)


async def _end(command: asyncio.Task[bool], within: float) -> None:
    """Asterisk's command returns after our goodbye: only then the session can go on."""
    await asyncio.wait({command}, timeout=within)
    if not command.done():
        log.warning("listening.command_does_not_end")
        command.cancel()
    await asyncio.gather(command, return_exceptions=True)


async def why_lost(command: asyncio.Task[bool], within: float = 2.0) -> Exception:
    """The stream is over before its time: the caller hung up, or Asterisk could not go on."""
    done, _ = await asyncio.wait({command}, timeout=within)
    error = command.exception() if done and not command.cancelled() else None
    if isinstance(error, CallerGone):
        return error
    return ListeningFailed(str(error) if error else "Asterisk ended the stream")


@cache
def beep() -> bytes:
    """The tone that recorders give before they listen, as sound."""
    step, top = 2 * math.pi * _BEEP_HZ / 8000, 32767 * _BEEP_LOUDNESS
    count = round(8000 * _BEEP_FOR)
    return array("h", [round(top * math.sin(step * n)) for n in range(count)]).tobytes()
