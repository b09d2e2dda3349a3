"""What is remembered of a caller from one call to the next, by number: the language chosen."""

from typing import Protocol

LONGEST_NUMBER = 64
LONGEST_LANGUAGE = 16
WITHIN = 0.2
"""Seconds that a call waits for its language by default."""


class CallerLanguages(Protocol):
    """The language that a caller chose. `acd.core.testing` has a fake and the checks of this contract.

    Numbers are personal data: they stand in no log and in no error.
    """

    async def language_of(self, number: str, within: float = WITHIN) -> str | None:
        """The last language remembered for the number; None where there is none, or it is not known
        `within` so many seconds. Never raises."""

    def remember(self, number: str, language: str) -> None:
        """Keep it from now on, instead of the one before; written soon, never waits, never raises.

        Numbers of which `may_be_remembered` is false are passed over.
        """

    async def close(self) -> None:
        """Write what waits, as far as the adapter's deadline allows."""


def may_be_remembered(number: str) -> bool:
    """Whether the number tells one caller from others: '0501234567', '+380501234567', 'desk-12'.

    Not: withheld numbers, which arrive empty, as a word ('anonymous', 'unavailable') or as zeros only.
    """
    sayable = number.isascii() and number.isprintable() and len(number) <= LONGEST_NUMBER
    return sayable and any(character in "123456789" for character in number)


def is_language(language: str) -> bool:
    """Whether it can be the short name of a language: 'uk', 'en-GB'."""
    return 0 < len(language) <= LONGEST_LANGUAGE and language.isascii() and language.isprintable()
