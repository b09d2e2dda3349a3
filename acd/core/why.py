"""Why did this caller wait, and why did this operator get this call: told from the facts, with times.

The journal is folded up to each fact of the call, so that the story can say who did what at that moment.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.evolve import evolve
from acd.core.index import levels_of
from acd.core.settings import CenterSettings
from acd.core.state import Call, Held, Idle, InTalk, LoggedOut, OnBreak, Operator, State, WrapUp
from acd.core.words import CallId, OfferId, OperatorId


@dataclass(frozen=True, slots=True)
class Sentence:
    at: float
    text: str


@dataclass(slots=True)
class Story:
    """What happened to one call. `spent` says where its wait went, seconds by cause."""

    call: CallId
    sentences: list[Sentence] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    waited_for: float | None = None
    """None while it still waits, or if nothing is known of it."""

    @property
    def summary(self) -> str:
        """One sentence: how long, and where the time went."""
        if not self.sentences:
            return f"Nothing is known of the call {self.call}."
        parts = [f"{took:.1f} s {why}" for why, took in self.spent.items() if took >= 0.05]
        wait = "It still waits" if self.waited_for is None else f"It waited {self.waited_for:.1f} s"
        return f"{wait}: {', '.join(parts)}." if parts else f"{wait}."

    def text(self, zone: tzinfo = UTC) -> str:
        """Lines of 'HH:MM:SS.d sentence', the summary last."""
        lines = [f"{_clock(each.at, zone)}  {each.text}" for each in self.sentences]
        return "\n".join([*lines, self.summary])


def _clock(at: float, zone: tzinfo) -> str:
    moment = datetime.fromtimestamp(at, zone)
    return f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"


def why(
    records: Iterable[f.Record], call: CallId, settings: CenterSettings, start: State | None = None
) -> Story:
    """The story of `call`. `records` from the beginning of the journal, or from after the state `start`.

    `start` is changed while reading. Records from the middle of the journal do as well if they begin long
    before the call: what they say about calls and offers that began before them is left out.
    `settings` say who serves which queue; those of the day of the call.
    """
    teller = _Teller(Story(call), settings, start or State())
    for record in records:
        teller.read(record.fact)
    return teller.story


_FREE = "until a fitting operator was free"


class _Teller:
    def __init__(self, story: Story, settings: CenterSettings, state: State) -> None:
        self.story = story
        self.settings = settings
        self.state = state
        self.offer: OfferId | None = None
        self.mark = 0.0

    def read(self, fact: f.Fact) -> None:
        if not self._knows_of(fact):
            return
        if getattr(fact, "call", None) != self.story.call:
            evolve(self.state, fact)
            return
        if isinstance(fact, f.CallOffered):
            self._choice(fact)  # told of the moment before
        evolve(self.state, fact)
        self._tell(fact)

    def _knows_of(self, fact: f.Fact) -> bool:
        """Whether the call, offer or wrap-up that the fact goes on with began in the records read so far."""
        match fact:
            case f.CallEntered():
                return True
            case w.OperatorHeld() | w.HoldEnded():
                return fact.work in self.state.work
            case f.CallOffered() | f.CallLeft() | f.ReservationEnded():
                return fact.call in self.state.calls
            case f.WrapUpMoved():
                return isinstance(self.state.operator(fact.operator).activity, WrapUp)
            case (
                f.OfferRang()
                | f.OfferAnswered()
                | f.OfferMissed()
                | f.OfferWithdrawn()
                | f.CallConnected()
                | f.CallCompleted()
                | f.RuleBroken()
            ):
                return fact.call in self.state.calls and fact.offer in self.state.offers
            case _:
                return True

    def _say(self, at: float, text: str) -> None:
        self.story.sentences.append(Sentence(at, text))

    def _spend(self, at: float, cause: str) -> None:
        self.story.spent[cause] = self.story.spent.get(cause, 0.0) + at - self.mark
        self.mark = at

    def _name(self, operator: OperatorId) -> str:
        rules = self.settings.operators.get(operator)
        return rules.name if rules else operator

    def _tell(self, fact: f.Fact) -> None:
        match fact:
            case f.CallEntered():
                self._entered(fact)
            case f.OfferRang():
                self._say(fact.at, f"{self._name(fact.operator)}'s phone rang.")
            case f.OfferAnswered():
                self._spend(fact.at, f"while {self._name(fact.operator)}'s phone was called")
                self._say(fact.at, f"{self._name(fact.operator)} answered.")
            case f.OfferMissed():
                self._missed(fact)
            case f.OfferWithdrawn():
                self._say(fact.at, f"The offer to {self._name(fact.operator)} was withdrawn: {fact.reason}.")
            case f.CallConnected():
                self._spend(fact.at, "while the two were joined")
                self.story.waited_for = fact.waited_for
                took = f"{fact.took_for:.1f} s after the two could have met"
                self._say(fact.at, f"Talked to {self._name(fact.operator)}, {took}.")
            case f.CallCompleted():
                self._say(fact.at, f"The talk ended after {fact.talked_for:.0f} s, by {fact.by}.")
            case f.CallLeft():
                self._spend(fact.at, _FREE)
                self.story.waited_for = fact.waited_for
                self._say(fact.at, f"Left the queue without an operator: {fact.reason}.")
            case f.RuleBroken():
                self._say(fact.at, f"The promised time was over without a talk: {fact.cause}.")
            case f.ReservationEnded():
                self._spend(fact.at, "waiting for the last operator only")
                self._say(fact.at, f"Anybody may take it now: {fact.why}.")
            case f.StateHealed():
                self._say(fact.at, f"Put right after a look at the switch: {fact.what}.")
            case f.IdlePairFound():
                self._say(fact.at, f"{self._name(fact.operator)} stood free beside it unnoticed; repaired.")
            case _:
                self._tell_of_promise(fact)

    def _tell_of_promise(self, fact: f.Fact) -> None:
        match fact:
            case w.WorkMade():
                within = (fact.due_at - fact.at) / 60
                self._say(fact.at, f"A {fact.promise} was promised as item {fact.work}, in {within:.0f} min.")
                if fact.waiting_since < fact.at:
                    self._say(fact.at, f"It keeps the place of {fact.at - fact.waiting_since:.0f} s ago.")
            case w.WorkAdded():
                self._say(fact.at, f"A message was added to item {fact.work}.")
            case w.CallerReturned():
                self._say(fact.at, f"It took over the place of item {fact.work}, a call-back not made yet.")
            case w.CustomerDialled():
                self._say(fact.at, f"The customer of item {fact.work} was called, attempt {fact.attempt}.")
            case w.CustomerWaits():
                self._say(fact.at, "The customer answered and wanted the call.")
            case w.CustomerTried():
                again = "" if fact.next_at is None else f"; again in {fact.next_at - fact.at:.0f} s"
                self._say(fact.at, f"Attempt {fact.attempt} to call the customer: {fact.reach}{again}.")
            case _:
                pass

    def _entered(self, fact: f.CallEntered) -> None:
        self.mark = fact.at
        call = self.state.calls[fact.call]
        others = [each for each in self.state.calls.values() if each.queue == call.queue]
        ahead = sum(each.rank < call.rank and not isinstance(each.state, InTalk) for each in others)
        who = "Entered" if fact.present else f"The place of item {fact.work} entered"
        self._say(fact.at, f"{who} the queue {fact.queue} with {_count(ahead, 'caller')} ahead.")
        if fact.place_of is not None:
            back = fact.at - fact.waiting_since
            self._say(fact.at, f"The line had dropped before: it got the place of {back:.0f} s ago back.")
        if fact.last_operator is not None and fact.reserved_until is not None:
            until = fact.reserved_until - fact.at
            self._say(fact.at, f"Up to {until:.0f} s it waits for {self._name(fact.last_operator)} only.")
        self._say(fact.at, self._who_did_what(call, fact.at))

    def _who_did_what(self, call: Call, at: float) -> str:
        serving = [each for each in self.settings.operators.values() if call.queue in each.queues]
        doing = Counter(self._doing(call, each.id, at) for each in serving)
        if not serving:
            return "Nobody serves this queue."
        parts = ", ".join(f"{number} {what}" for what, number in doing.most_common())
        return f"Of its {_count(len(serving), 'operator')}: {parts}."

    def _doing(self, call: Call, operator_id: OperatorId, at: float) -> str:
        operator = self.state.operator(operator_id)
        match operator.activity, operator.status:
            case WrapUp(), _:
                return "in wrap-up"
            case Held(), _:
                return "held for a customer who was being called"
            case Idle(), LoggedOut():
                return "logged out"
            case Idle(), OnBreak():
                return f"on break ({operator.status.reason})"
            case Idle(), _:
                return self._hurdle(call, operator, at)
            case _:
                return "with another call"

    def _hurdle(self, call: Call, operator: Operator, at: float) -> str:
        if not operator.reachable:
            return "with an unreachable phone"
        if operator.set_aside_until is not None:
            return "set aside after a missed call"
        return "free" if self._fits(call, operator.id, at) else "free without the skills"

    def _fits(self, call: Call, operator: OperatorId, at: float) -> bool:
        rules = self.settings.operators.get(operator)
        if rules is None or call.queue not in rules.queues:
            return False
        levels = levels_of(call.needs, call.waiting_since, at)
        return all(rules.skills.get(skill, 0) >= level for skill, level in levels)

    def _choice(self, fact: f.CallOffered) -> None:
        """Why this operator, told of the state just before the offer."""
        self.mark, began = fact.at, self.mark
        self.story.spent[_FREE] = self.story.spent.get(_FREE, 0.0) + fact.at - began
        call, name = self.state.calls[fact.call], self._name(fact.operator)
        self._say(fact.at, f"Offered to {name}: {fact.chosen_for}.")
        operator = self.state.operator(fact.operator)
        idle_for = fact.at - operator.idle_since
        rivals = [
            each
            for each in self.state.operators.values()
            if each.ready and each.id != fact.operator and self._fits(call, each.id, fact.at)
        ]
        self._say(fact.at, f"{name} had been idle {idle_for:.1f} s{self._rivals(rivals, fact.at)}.")

    def _rivals(self, rivals: list[Operator], at: float) -> str:
        if not rivals:
            return "; no other fitting operator was free"
        rivals.sort(key=lambda each: each.idle_since)
        told = ", ".join(f"{self._name(each.id)} {at - each.idle_since:.1f} s" for each in rivals[:5])
        more = f" and {len(rivals) - 5} more" if len(rivals) > 5 else ""
        return f"; also free: {told}{more}"

    def _missed(self, fact: f.OfferMissed) -> None:
        name = self._name(fact.operator)
        self._spend(fact.at, f"lost on {name} ({fact.cause})")
        aside = fact.set_aside_until - fact.at
        self._say(
            fact.at,
            f"{name} missed it: {fact.cause}. It kept its place; {name} is set aside for {aside:.0f} s.",
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
