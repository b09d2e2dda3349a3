"""The languages of callers: a fake in memory, and the checks that it and every real store pass."""

import asyncio
import time
from collections.abc import Callable

from acd.core.callers import LONGEST_NUMBER, WITHIN, CallerLanguages, is_language, may_be_remembered

Now = Callable[[], float]
PATIENT = 20.0
"""Seconds: a store on a busy machine may take a while to open."""
DAY = 86_400.0
KEPT_DAYS = 365


class MemoryCallerLanguages:
    """Remembers as long as `shelf` lives: from the number to the language and its time."""

    def __init__(
        self,
        shelf: dict[str, tuple[str, float]] | None = None,
        *,
        kept_days: float = KEPT_DAYS,
        now: Now = time.time,
    ) -> None:
        self.shelf = {} if shelf is None else shelf
        self._kept_for = kept_days * DAY
        self._now = now

    async def language_of(self, number: str, within: float = WITHIN) -> str | None:
        language, chosen_at = self.shelf.get(number, (None, 0.0))
        return language if chosen_at >= self._now() - self._kept_for else None

    def remember(self, number: str, language: str) -> None:
        if may_be_remembered(number) and is_language(language):
            self.shelf[number] = (language, self._now())

    async def close(self) -> None:
        return None


async def check_caller_languages(open_store: Callable[[Now], CallerLanguages]) -> None:
    """`open_store(now)` opens the same memory each time, which keeps languages for KEPT_DAYS."""
    await _check_memory(open_store)
    await _check_what_is_passed_over(open_store)
    await _check_many_at_once(open_store)
    await _check_age(open_store)


async def _check_memory(open_store: Callable[[Now], CallerLanguages]) -> None:
    store = open_store(time.time)
    assert await store.language_of("0501234567", PATIENT) is None
    store.remember("0501234567", "uk")
    assert await store.language_of("0501234567", 0.0) == "uk", "known at once, before it is written"
    store.remember("0501234567", "ru")
    store.remember("0671234567", "en")
    store.remember("0501234567", "uk")
    store.remember("0501234567", "en-GB")
    await store.close()
    await store.close()
    store = open_store(time.time)
    assert await store.language_of("0501234567", PATIENT) == "en-GB", "the last one wins"
    assert await store.language_of("0671234567", PATIENT) == "en"
    store.remember("0671234567", "uk")
    await store.close()
    store = open_store(time.time)
    assert await store.language_of("0671234567", PATIENT) == "uk", "also over the one of an earlier run"
    await store.close()


async def _check_what_is_passed_over(open_store: Callable[[Now], CallerLanguages]) -> None:
    store = open_store(time.time)
    withheld = [
        "",
        "anonymous",
        "Restricted",
        "0",
        "0000000000",
        "1" * (LONGEST_NUMBER + 1),
        "5\0",
        "5\ud800",
    ]
    for number in withheld:
        store.remember(number, "uk")
        assert await store.language_of(number, PATIENT) is None
    for language in ("", "x" * 100, "u\0k", "\ud800"):
        store.remember("0931234567", language)
    assert await store.language_of("0931234567", PATIENT) is None
    nasty = "1'; DROP TABLE caller_languages; --"
    store.remember(nasty, "uk")
    await store.close()
    store = open_store(time.time)
    assert await store.language_of("", PATIENT) is None
    assert await store.language_of(nasty, PATIENT) == "uk"
    assert await store.language_of("0501234567", PATIENT) == "en-GB", "and the others are still there"
    await store.close()


async def _check_many_at_once(open_store: Callable[[Now], CallerLanguages]) -> None:
    store = open_store(time.time)
    numbers = [f"+38063{caller:07}" for caller in range(300)]
    for number in numbers:
        store.remember(number, "uk")
    found = await asyncio.gather(*(store.language_of(number, PATIENT) for number in numbers))
    assert set(found) == {"uk"}
    await store.close()
    store = open_store(time.time)
    assert (
        await store.language_of(numbers[0], PATIENT) == await store.language_of(numbers[-1], PATIENT) == "uk"
    )
    await store.close()


async def _check_age(open_store: Callable[[Now], CallerLanguages]) -> None:
    almost = open_store(lambda: time.time() + (KEPT_DAYS - 1) * DAY)
    assert await almost.language_of("0671234567", PATIENT) == "uk"
    almost.remember("0671234567", "ru")
    await almost.close()
    late = open_store(lambda: time.time() + (KEPT_DAYS + 1) * DAY)
    assert await late.language_of("0501234567", PATIENT) is None, "too old"
    assert await late.language_of("0671234567", PATIENT) == "ru", "chosen again since"
    await late.close()
