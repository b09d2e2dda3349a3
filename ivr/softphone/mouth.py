"""What a softphone says beside its usual tone or silence: a sound file, once, in the call that it has now.

baresip's command `ausrc` gives the call another source of sound at once. At the end of its file baresip hangs
up, so silence for the longest call follows the words. The command also holds for the calls that come
after: `rest` brings back the usual sound.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from ivr.softphone.control import Control
from ivr.softphone.tone import length_of, write_once


@dataclass(frozen=True)
class Saying:
    """`began_at`, `ends_at`: monotonic seconds, of the whole file with its own silence."""

    began_at: float
    ends_at: float

    async def over(self) -> None:
        """Wait for the end, unless it is past; silence goes on after it."""
        await asyncio.sleep(max(0.0, self.ends_at - time.monotonic()))


class Mouth:
    """Of one softphone; its sound files lie in `folder`."""

    def __init__(self, control: Control, folder: Path, longest_call_for: float) -> None:
        self._control, self._folder = control, folder
        self._longest_call_for = longest_call_for
        self._count = 0
        self._said: Path | None = None

    @property
    def usual(self) -> Path:
        """The sound of every call."""
        return (self._folder / "says.wav").resolve()

    async def say(self, sound: Path) -> Saying:
        """Begin to play it. ControlError; ValueError: it is not 8 kHz, mono, 16 bits."""
        length = length_of(sound)
        before, self._count = self._said, self._count + 1
        self._said = (self._folder / f"says-{self._count}.wav").resolve()
        await asyncio.to_thread(write_once, self._said, sound, self._longest_call_for)
        await self._control.command("ausrc", f"aufile,{self._said}")
        began_at = time.monotonic()
        if before is not None:
            before.unlink(missing_ok=True)  # megabytes
        return Saying(began_at, began_at + length)

    async def rest(self) -> None:
        """The usual sound from now on; ControlError."""
        said = self._said
        if said is None:
            return
        await self._control.command("ausrc", f"aufile,{self.usual}")
        if self._said is said:
            self._said = None
            said.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove the sound files."""
        for path in self._folder.glob("says*.wav"):
            path.unlink()
