"""Text of stored sound by any program, such as one around another engine.

It gets a WAV file and a language, and prints the text, or JSON:
`{"text": "…", "confidence": 0.9, "words": [{"word": "…", "confidence": 0.8, "start": 0.4, "end": 0.9}, …]}`.
"""

import asyncio
import contextlib
import json
import math
import os
import signal
import tempfile
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from ivr.priority import go_first
from ivr.speech.port import SpeechError
from ivr.speech.transcribe import NotTranscribed, Transcript, Word
from ivr.speech.voice import RATE

_MOST_OUTPUT = 1 << 20
_LONGEST_COMPLAINT = 200
_NICENESS = 19


class CommandTranscriber:
    """Implements `Transcriber`. The program goes behind all calls of the machine."""

    def __init__(self, command: Sequence[str], *, within: float = 600.0) -> None:
        """`command`: see `ivr.speech.command`; `within`: seconds for a message, then it is killed."""
        self._command = command
        self._within = within
        self._one = asyncio.Lock()

    def understands(self, language: str) -> bool:
        return True

    async def transcribe(self, pcm: bytes, language: str) -> Transcript:
        """SpeechError: the program is not there. NotTranscribed: it failed, or took too long."""
        async with self._one:
            with tempfile.TemporaryDirectory(prefix="dzvin-transcribe-") as folder:
                wav = Path(folder) / "message.wav"
                await asyncio.to_thread(_write, wav, pcm)
                return _read(await self._run({"wav": str(wav), "language": language}))

    async def close(self) -> None:
        """It holds nothing: whoever waits for a message is cancelled with its program."""

    async def _run(self, places: Mapping[str, str]) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                *(part.format_map(places) for part in self._command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise SpeechError(f"the transcriber {self._command[0]} cannot be started: {error}") from None
        go_first(_NICENESS, process.pid)
        try:
            async with asyncio.timeout(self._within):  # wait_for swallows a cancellation until Python 3.12
                return await _output(process)
        except TimeoutError:
            raise NotTranscribed(f"the transcriber took longer than {self._within:g} s") from None
        finally:
            _kill_all(process.pid)
            await process.communicate()  # a pipe that nobody empties would keep `wait` from its end


async def _output(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    assert process.stderr is not None
    reading = (asyncio.create_task(_beginning(process.stderr)), asyncio.create_task(_all(process.stdout)))
    try:
        complaint, output = await asyncio.gather(*reading)
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    if status := await process.wait():
        said = " ".join(complaint.decode(errors="replace").split())
        raise NotTranscribed(f"the transcriber failed with status {status}: {said or 'it said nothing'}")
    return output


async def _all(reader: asyncio.StreamReader) -> bytes:
    kept = b""
    while data := await reader.read(1 << 16):
        kept += data
        if len(kept) > _MOST_OUTPUT:
            raise NotTranscribed("the transcriber prints without end")
    return kept


async def _beginning(reader: asyncio.StreamReader) -> bytes:
    """The rest is read and dropped, for a full pipe would hold the program up."""
    kept = b""
    while data := await reader.read(1 << 16):
        kept = (kept + data)[:_LONGEST_COMPLAINT]
    return kept


def _kill_all(leader: int) -> None:
    """What it has started too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _write(path: Path, pcm: bytes) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm[: len(pcm) // 2 * 2])


def _read(output: bytes) -> Transcript:
    """NotTranscribed: neither text nor the JSON of a transcript."""
    text = output.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return Transcript(_spaced(text), 0.0)
    try:
        said = json.loads(text)
        words = tuple(_word(word) for word in said.get("words", []))
        mean = fmean(word[1] for word in words) if words else 0.0
        spoken = said.get("text") or " ".join(word[0] for word in words)
        return Transcript(_spaced(str(spoken)), _share(said.get("confidence", mean)), words)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NotTranscribed("what the transcriber printed is no transcript") from None


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _word(said: Any) -> Word:
    confidence = said.get("confidence", said.get("conf", 0.0))
    start, end = (max(0.0, float(said.get(name, 0.0))) for name in ("start", "end"))
    if not math.isfinite(start + end):
        raise ValueError("a time that is none")
    return _spaced(str(said["word"])), _share(confidence), start, end


def _share(value: object) -> float:
    share = float(str(value))
    if not math.isfinite(share):
        raise ValueError("a confidence that is none")
    return min(1.0, max(0.0, share))
