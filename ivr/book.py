"""What calls go by, and which call goes by which version of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from acd.core.words import CallId
from ivr.flow.model import Dialplan
from ivr.flow.session import Session
from ivr.flow.states import Asked, CheckingNumber, Hooking, Reviewing, Waiting
from ivr.versions.canary import Outcome, takes
from ivr.versions.records import Canary


@dataclass(frozen=True, slots=True)
class Book:
    """What calls go by. A call stays with the book it began with."""

    plan: Dialplan
    may_dial: Callable[[str], bool]
    """Whether a transfer to this number is allowed."""
    number: int = 0
    """Of the version; 0: not published by anybody."""


Fetch = Callable[[int], Awaitable[Book | None]]


async def _nowhere(_number: int) -> Book | None:
    return None


class Shelf:
    """The live book, perhaps one on trial, and older ones for calls that come back to them."""

    def __init__(self, live: Book) -> None:
        self.live = live
        self.fetch: Fetch = _nowhere
        """Another version's book; None: there is none."""
        self._canary: Canary | None = None
        self._tried: Book | None = None

    def put(self, live: Book, canary: Canary | None = None, tried: Book | None = None) -> None:
        """For all calls that begin from now on, in one step."""
        self.live, self._canary, self._tried = live, canary, tried

    def for_new(self, call: CallId) -> Book:
        if self._canary is not None and self._tried is not None and takes(self._canary, call):
            return self._tried
        return self.live

    async def find(self, number: int) -> Book | None:
        for book in (self.live, self._tried):
            if book is not None and book.number == number:
                return book
        return await self.fetch(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """A call whose dialogue is over, by whichever side, or whose session failed."""

    call: CallId
    version: int
    outcome: Outcome


def outcome_of(session: Session, *, errors: int, hung_up: bool, talked: bool) -> Outcome:
    """`session` as it was when the call ended; `talked`: with an operator, at whatever time."""
    kept = isinstance(session.state, Reviewing)  # who hangs up there has left a message
    waited = not kept and isinstance(session.state, Asked | CheckingNumber | Hooking | Waiting)
    return Outcome(
        error=errors > 0,
        no_match=session.silences + session.wrong_keys + session.misheard > 0,
        abandoned=hung_up and waited and not talked,
    )
