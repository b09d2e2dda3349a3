"""Calls that operators' phones have beside the queues: a phone in use gets no call of a queue.

A call to a code ('*12') gives way to an offer at once: what it said is done. Any other one makes the phone
busy: whoever talks there is neither put on hold nor overheard by a phone that answers by itself.
"""

import asyncio
import contextlib
from collections.abc import Iterable

from ivr.asterisk.legs import offer_of

ENDS_WITHIN = 1.0
"""A call that was told to give way is waited for at most so long."""


class OwnCalls:
    """Follows the switch's channels but the queues' own legs, by phone."""

    def __init__(self) -> None:
        self._phone_of: dict[str, str] = {}
        self._calls: dict[str, dict[str, str]] = {}
        self._ended = asyncio.Event()

    def begun(self, channel: str, phone: str, dialled: str) -> None:
        """A channel that lives; `dialled` is what the phone called, '' or 's' where it was called itself."""
        if phone and offer_of(channel) is None and channel not in self._phone_of:
            self._phone_of[channel] = phone
            self._calls.setdefault(phone, {})[channel] = dialled

    def ended(self, channel: str) -> None:
        phone = self._phone_of.pop(channel, None)
        if phone is None:
            return
        calls = self._calls[phone]
        del calls[channel]
        if not calls:
            del self._calls[phone]
        self._ended.set()
        self._ended.clear()

    def only(self, channels: Iterable[str]) -> None:
        """No other channels live: what ended unseen is forgotten."""
        for channel in self._phone_of.keys() - set(channels):
            self.ended(channel)

    def codes(self, phone: str) -> list[str]:
        """Channels of the phone that are calls to a code."""
        return [channel for channel, dialled in self._calls.get(phone, {}).items() if dialled.startswith("*")]

    def busy(self, phone: str) -> bool:
        """In a call that must not be disturbed."""
        return any(not dialled.startswith("*") for dialled in self._calls.get(phone, {}).values())

    async def until_free(self, phone: str) -> None:
        """Return when the phone has no call, or after `ENDS_WITHIN` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                while phone in self._calls:
                    await self._ended.wait()
