"""The proof that no caller is trapped, by the interpreter itself.

`prove` walks every point that a call can come to and says, for each line and kind of caller (`CallerKind`),
the greatest number of seconds and steps to help, with the path. **Help** is a queue that takes the caller, a
transfer that is answered, a message or call-back that is taken down, or a hang-up after the last words.

A dialplan **traps** a caller if some path of a silent, wrong-key, mixed or seeking caller

- CIRCLE: comes back to where it was, so that nothing but the limit of steps ends it;
- CUT_OFF: takes more steps than the limit of steps allows; or
- TOO_LONG: takes more seconds than `Bounds` allows.

Paths begin where the call begins, at every right answer, at every fault of the recogniser (it is not the
caller's), at every return out of a queue or talk, and where a key is pressed instead of leaving a message.
There time, steps and misses are counted anew. Beyond the limit of steps the way through `otherwise` is proven
too. Who gives right answers for ever chooses to go round; the limit of steps ends that, and it is no trap.

Seconds are prompts heard to their end, the whole time for an answer, each key at the last moment, the longest
speech, all tries of a web service, an unanswered transfer. Time in queues, in talks and of a message is not
counted. A piece counts as the longest of its size, a time of the day as the longest of the day.

All that the centre decides (hours, queues, switches, shares, numbers, services, when somebody may be called,
what a caller gave) turns out either way each time it is asked: more than can happen, so nothing is missed.
Values that only the dialplan sets are told apart where a caller would be trapped without that; figures of
other callers are then upper bounds. A web service is taken to give no such value. Where calls go on to other
lines, the lowest limit of steps of all lines counts.

What is not walked: that a call goes by keys to its end after `Hearing.faults_allowed` faults of the
recogniser, where more than one is allowed. After each single fault the rest of its question by keys is
proven; later questions are the same, and only a prompt that is longer in its form for keys takes longer.

The work is bounded (`Bounds.states`); beyond it the answer is `not_proven`, never a guess.
"""

from ivr.flow.proof.parts import (
    SERVICE_SAYS,
    USUAL,
    Bounds,
    CallerKind,
    Event,
    Figures,
    Length,
    Path,
    Proof,
    Trap,
    TrapKind,
    Worst,
)
from ivr.flow.proof.prove import prove
from ivr.flow.proof.transcript import as_transcript, clock

__all__ = [
    "SERVICE_SAYS",
    "USUAL",
    "Bounds",
    "CallerKind",
    "Event",
    "Figures",
    "Length",
    "Path",
    "Proof",
    "Trap",
    "TrapKind",
    "Worst",
    "as_transcript",
    "clock",
    "prove",
]
