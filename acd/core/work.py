"""Work items: the promises that a centre makes to callers who do not wait, each kept or broken on record.

A work item is a call-back or a voicemail. While it is due it stands in its queue like a call, with the
place of its caller, and is offered to an operator when its turn comes: as a call of its own (`call_of`)
behind which nobody is on the line. A call-back is made in one of two ways:

- operator first: the operator's phone is called, the operator hears for whom, then the customer is called;
- customer first: the customer is called shortly before an operator is expected to be free, says by a key that
  the call is wanted, and waits in the kept place for the first operator.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from acd.core.words import CallId

WorkId = NewType("WorkId", int)
"""One work item. Grows by one, never used again, also after a restart."""
_CALL = re.compile(r"work-([0-9]{1,18})-[0-9]{1,9}", re.ASCII)


class WorkKind(StrEnum):
    CALL_BACK = "call-back"
    VOICEMAIL = "voicemail"


class Reach(StrEnum):
    """What became of one attempt to call the customer."""

    TALKED = "talked"
    """The customer answered, wanted the call, and an operator was there."""
    BUSY = "busy"
    NO_ANSWER = "no answer"
    MACHINE = "machine"
    """Somebody or something picked up and pressed no key."""
    WRONG_PERSON = "wrong person"
    """Whoever picked up did not ask for a call."""
    GAVE_UP = "gave up"
    """The customer wanted the call and hung up before an operator was there."""
    FORBIDDEN = "forbidden"
    """The number may not be called."""
    FAILED = "failed"
    """The switch could not call; nobody is to blame."""


class WorkEnd(StrEnum):
    """How a work item ended. The first three keep the promise."""

    CALLED_BACK = "called back"
    HANDLED = "handled"
    """An operator closed it without a call."""
    GOT_THROUGH = "got through"
    """The caller talked to an operator otherwise."""
    CANCELLED = "cancelled"
    """The caller or an admin called it off."""
    FORBIDDEN = "forbidden"
    """The number may not be called."""
    WRONG_PERSON = "wrong person"


KEEPING = frozenset({WorkEnd.CALLED_BACK, WorkEnd.HANDLED, WorkEnd.GOT_THROUGH})


class WorkStage(StrEnum):
    """Where an open work item stands, for people and programs."""

    NEW = "new"
    """Waits for its turn, or for its time."""
    CALLER_HERE = "caller here"
    """Its caller has called in and waits in the kept place."""
    DIALLING = "dialling"
    """The customer is being called, or waits for an operator after having been called."""
    OFFERED = "offered"
    """An operator's phone is being called for it."""
    CLAIMED = "claimed"
    """An operator has it, until the lock expires."""
    FORWARDED = "forwarded"
    """A department has it; it comes back by `WorkHandedBack` or is done."""
    TALKING = "talking"
    """An operator deals with it on the phone."""
    CLOSED = "closed"
    """Settled, or never promised."""


class CallBackMode(StrEnum):
    OPERATOR_FIRST = "operator-first"
    CUSTOMER_FIRST = "customer-first"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingTimes:
    """When customers may be called: opening hours without the callers' quiet hours, by the wall clock.

    Or the opening hours alone, in which a time counts (`after`).
    """

    time_zone: str
    """IANA name."""
    week: tuple[tuple[tuple[int, int], ...], ...]
    """Seven days, Monday first: minutes since midnight from, until just before; within 0 to 1440."""
    dates: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Exceptions on a date."""

    def allows(self, at: float) -> bool:
        """`at`: epoch seconds."""
        local = datetime.fromtimestamp(at, ZoneInfo(self.time_zone))
        minute = local.hour * 60 + local.minute
        return any(first <= minute < end for first, end in self._spans(local.date()))

    def next_allowed(self, at: float, days: int = 366) -> float | None:
        """`at` if it is allowed then, else the next moment that is; None: not within so many days."""
        if self.allows(at):
            return at
        zone = ZoneInfo(self.time_zone)
        local = datetime.fromtimestamp(at, zone)
        for ahead in range(days + 1):
            day = local.date() + timedelta(days=ahead)
            for first, _ in sorted(self._spans(day)):
                begins = datetime(day.year, day.month, day.day, first // 60, first % 60, tzinfo=zone)
                moment = begins.timestamp()
                if moment > at and self.allows(moment):
                    return moment
        return None

    def allowed_until(self, at: float, days: int = 8) -> float | None:
        """The next moment at which it is not allowed; None: allowed for so many days at least."""
        if not self.allows(at):
            return at
        zone = ZoneInfo(self.time_zone)
        today = datetime.fromtimestamp(at, zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(days + 1)):
            ends = sorted(_moments(day, end, zone) for _, end in self._spans(day))
            for moment in (each for pair in ends for each in pair):
                if moment > at and not self.allows(moment):
                    return moment
        return None

    def after(self, at: float, counted_for: float, stretches: int = 500) -> float:
        """When so many seconds that are allowed have passed since `at`.

        What is left after so many stretches, or where no more come, counts by the wall clock.
        """
        left = counted_for
        for _ in range(stretches):
            begins = self.next_allowed(at)
            ends = None if begins is None else self.allowed_until(begins)
            if begins is None:
                break
            if ends is None or ends - begins >= left:
                return begins + left
            left, at = left - (ends - begins), ends
        return at + left

    def _spans(self, day: date) -> tuple[tuple[int, int], ...]:
        return self.dates[day] if day in self.dates else self.week[day.weekday()]


def _moments(day: date, minute: int, zone: ZoneInfo) -> tuple[float, float]:
    """That time of the wall clock, which comes twice when the clock is put back."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return wall.timestamp(), wall.replace(fold=1).timestamp()


RETRY_AFTER: Mapping[Reach, tuple[float, ...]] = {
    Reach.BUSY: (120.0, 600.0, 1800.0),
    Reach.NO_ANSWER: (600.0, 3600.0, 7200.0),
    Reach.MACHINE: (1800.0, 7200.0),
    Reach.GAVE_UP: (120.0, 600.0),
    Reach.FAILED: (30.0, 120.0, 600.0),
}
"""Seconds to the next attempt, by how often this has happened; the last one stays. Others end the item."""


def moment_after(times: CallingTimes | None, at: float, counted_for: float) -> float:
    """When so many seconds have passed since `at`, of which only those in `times` count (None: all)."""
    return at + counted_for if times is None else times.after(at, counted_for)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackRules:
    """How the call-backs of a queue are made. Durations in seconds."""

    mode: CallBackMode = CallBackMode.OPERATOR_FIRST
    times: CallingTimes | None = None
    """None: at any time."""
    promised_within: float = 3600.0
    """From the promise, or from the time that the caller chose, to the talk: later is a broken promise. Only
    time at which customers may be called counts."""
    ring_for: float = 30.0
    """So long the customer's phone rings."""
    preview_for: float = 8.0
    """Operator first: so long the operator may look at it before the customer is called; 0: at once."""
    lead_for: float = 15.0
    """Customer first: called so long before an operator is expected to be free."""
    hold_for: float = 10.0
    """Customer first: an operator who is free earlier is held so long at most. 0: not held."""
    attempts: int = 4
    """Calls to the customer; after them an operator decides what to do."""
    retry_after: Mapping[Reach, tuple[float, ...]] = field(default_factory=lambda: RETRY_AFTER)
    hourly_limit: int = 120
    """Customers called in an hour for this queue, against fraud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRules:
    """How the work items of a queue are offered. Durations in seconds."""

    answer_within: float = 14400.0
    """From the message to its outcome: later is a broken promise."""
    times: CallingTimes | None = None
    """Opening hours in which that time counts; None: always."""
    priority: int = -1
    """Of voicemail: below that of calls, it comes when they leave room."""
    urgent_for: float = 3600.0
    """So long before that it goes before others."""
    urgent_priority: int = 10
    """The priority from then on."""
    share: float = 1.0
    """At most this share of the operators who are logged in to the queue have work items at once, but one
    may always."""
    claim_for: float = 900.0
    """An item that an operator has claimed is free again after so long."""
    again_after: float = 60.0
    """So much later an item comes again that an operator was offered and did not settle."""


def call_of(work: WorkId, turn: int) -> CallId:
    """The call that stands for a work item at its turn 1, 2, ...: each time that it comes into its queue, or
    that its customer is called, whose channel has this id. Never used again."""
    return CallId(f"work-{work}-{turn}")


def work_of(call: CallId | None) -> WorkId | None:
    """The work item whose place or customer this call is; the inverse of `call_of`."""
    if call is None or not call.startswith("work-"):
        return None
    found = _CALL.fullmatch(call)
    return WorkId(int(found[1])) if found else None


SUBSCRIBER_DIGITS = 9


def number_key(number: str) -> str:
    """The same for one caller however the number is written: '0501234567', '+380501234567'."""
    digits = "".join(character for character in number if character.isdigit())
    if len(digits) < SUBSCRIBER_DIGITS or any(character.isalpha() for character in number):
        return number
    return digits[-SUBSCRIBER_DIGITS:]
