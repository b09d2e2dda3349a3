"""The words for what a queue does with work items: call-backs and voicemail."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.dialplan.fields import Duration, Group, Id, Pauses, QuietHours

CallBackWord = Literal["operator-first", "customer-first"]


class RetryGroup(Group):
    """Pauses after attempts that did not reach the customer."""

    busy: Pauses | None = None
    """the line was busy"""
    no_answer: Pauses | None = None
    """nobody picked up"""
    machine: Pauses | None = None
    """whoever picked up pressed no key"""
    gave_up: Pauses | None = None
    """the customer hung up before an operator was there"""
    failed: Pauses | None = None
    """Asterisk could not call"""


class CallBackGroup(Group):
    mode: CallBackWord = "operator-first"
    """`operator-first`: an operator sees for whom it is, then the customer is called; `customer-first`: the
    customer is called shortly before an operator is free, and waits in the kept place
    """
    hours: Id | None = None
    """name of opening hours in which customers are called. Left out: any day"""
    quiet_hours: QuietHours | None = None
    """when nobody is called, whatever the hours say, or `none`. Left out: `21:00-08:00`"""
    promised_within: Annotated[float, Duration, Field(ge=60.0, le=604800.0)] = 3600.0
    """a call later than this after the promise, or after the chosen time, is a broken promise; only time at
    which customers are called counts
    """
    ring: Annotated[float, Duration, Field(ge=5.0, le=120.0)] = 30.0
    """how long the customer's phone rings"""
    preview: Annotated[float, Duration, Field(ge=0.0, le=120.0)] = 8.0
    """operator first: how long the operator may look before the customer is called"""
    lead: Annotated[float, Duration, Field(ge=0.0, le=120.0)] = 15.0
    """customer first: how long before an operator is expected to be free the customer is called"""
    hold: Annotated[float, Duration, Field(ge=0.0, le=60.0)] = 10.0
    """customer first: how long an operator who is free sooner is held for it"""
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    """calls to the customer; after them an operator decides"""
    retry_after: RetryGroup = RetryGroup()
    """pauses to the next attempt, by what happened, the last one stays. Left out: growing ones"""
    hourly_limit: Annotated[int, Field(ge=1, le=10_000)] = 120
    """customers called in an hour, against fraud"""


class WorkGroup(Group):
    answer_within: Annotated[float, Duration, Field(ge=60.0, le=2592000.0)] = 14400.0
    """an outcome later than this after the message is a broken promise"""
    hours: Id | None = None
    """name of opening hours: only time in them counts for `answer-within`. Left out: all time counts"""
    urgent: Annotated[float, Duration, Field(ge=0.0, le=2592000.0)] = 3600.0
    """so long before that it goes before others"""
    urgent_priority: Annotated[int, Field(ge=-100, le=100)] = 10
    """its priority from then on"""
    share: Annotated[int, Field(ge=1, le=100)] = 100
    """at most so many of a hundred operators have messages or call-backs at once; one may always"""
    claim: Annotated[float, Duration, Field(ge=60.0, le=86400.0)] = 900.0
    """how long an operator who takes one keeps it from others"""
    again: Annotated[float, Duration, Field(ge=0.0, le=86400.0)] = 60.0
    """how much later one comes again that an operator did not settle"""
