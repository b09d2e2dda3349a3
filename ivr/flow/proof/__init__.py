"""The proof that no caller is trapped, by the interpreter itself.

`prove` walks every state that a call can come to and says, for each line, language and kind of caller
(`CallerKind`), the greatest number of seconds and steps to help, with the path. Help is a queue, a transfer
or a hang-up after the last words.

A dialplan traps a caller if

- TOO_LONG: some path of a silent, wrong-key, mixed or seeking caller takes more than the seconds allowed
  (`Bounds`) until help; or
- CIRCLE: some path of theirs to the end of the call is cut off by the limit of steps, though every queue and
  transfer on it sends the caller back ('full', 'nobody logged in', 'waited too long', after a talk): such a
  caller goes round and round without any choice of their own; or
- ENDLESS: a path has no end even with the limit of steps, which only a fault of the interpreter can cause.

All three are looked for from the start of the line and from every question that right answers lead to, as
if the caller, having got there, began to be silent, wrong, mixed or seeking. From a question the time counts
from the last right answer. Who gives right answers for ever (WANDERING) chooses to go round and is stopped by
the limit of steps: that is no trap, only a figure; but a single right answer that leads into a circle in
which nobody listens is a CIRCLE of theirs.

What is exact: the figures of the first four kinds are exact maxima, a memoised longest path over all states
of the dialogue. Seconds are prompts heard to their end, the whole time for an answer, each key at the last
moment, the longest speech, all tries of a web service, an unanswered transfer; time in queues and talks is
not counted. The centre answers each input in the worst way. Its queues, switches, opening hours and shares of
calls may be others at the next input, for time passes; that is more than can happen, so nothing is missed.

Values are told apart by what the conditions of the dialplan ask of them; of all others those stand for the
rest that take longest to type and to read back. A value that is only said counts as given from the start of
the call, as long as it can be. A web service gives values that no question and no step gives, in any way, and
what it says is one prompt, whose length `length` gives for SERVICE_SAYS.

The figures of WANDERING are exact where there are few states; else they are not found out.

The work is bounded (`Bounds.states`); beyond it the answer is the trap NOT_PROVEN, never a guess.
"""

from ivr.flow.proof.parts import (
    PROVEN,
    SERVICE_SAYS,
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
    "PROVEN",
    "SERVICE_SAYS",
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
