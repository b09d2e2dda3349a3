"""The distributor: `Center.apply(event) -> Outcome`. Pure: no clock, no waiting, no randomness."""

from dataclasses import dataclass
from typing import assert_never

from acd.core import events as e
from acd.core import work_events as w
from acd.core.call_backs import is_allowed
from acd.core.calls import on_call_event
from acd.core.codec import VERSION, from_json, to_json
from acd.core.commands import Command
from acd.core.deadlines import run_leaving, run_soon
from acd.core.desk import Desk
from acd.core.errors import CodecError, Refused
from acd.core.estimate import Estimator
from acd.core.facts import Fact, Record
from acd.core.metrics import Figures
from acd.core.offers import on_offer_event
from acd.core.people import on_person_event, on_phone_reachable
from acd.core.ports import Checkpoint, History
from acd.core.resync import mend_after_settings, note_talks, on_settings_changed, on_switch_seen
from acd.core.routing import route
from acd.core.settings import CenterSettings
from acd.core.state import Call, InTalk, LiveOffer, State
from acd.core.view import Viewer
from acd.core.views import CenterView
from acd.core.watch import next_watch, watch
from acd.core.words import CallId, OfferId, QueueId
from acd.core.work import WorkId, WorkStage
from acd.core.work_ahead import serve_idle
from acd.core.work_items import follow_up, on_work_event
from acd.core.work_stage import work_stage
from acd.core.work_state import WorkItem
from acd.core.work_turns import balance


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event."""

    commands: tuple[Command, ...] = ()
    records: tuple[Record, ...] = ()
    refusal: Refused | None = None
    """Why a person's command was impossible; the event itself changed nothing then."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(record.fact for record in self.records)


@dataclass(slots=True)
class _Kept:
    """What a checkpoint holds."""

    state: State
    figures: Figures
    estimator: Estimator


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The centre after the fact `seq`; later events do not change it, so any thread may write it out."""

    seq: int
    _kept: _Kept

    def checkpoint(self) -> Checkpoint:
        """As JSON-ready data."""
        return Checkpoint(self.seq, {"version": VERSION, **to_json(_Kept, self._kept)})


class Center:
    """Owns the state. One task applies events; `commands` and `records` of each outcome go out in order."""

    def __init__(self, settings: CenterSettings, at: float) -> None:
        self._desk = Desk(settings, State(at=at), seq=0)
        self._viewer = Viewer(self._desk)
        self._restored = False

    @property
    def settings(self) -> CenterSettings:
        return self._desk.settings

    @property
    def state(self) -> State:
        """To look at; only `apply` changes it."""
        return self._desk.state

    @property
    def at(self) -> float:
        """The time of the last event."""
        return self._desk.at

    def apply(self, event: e.Event) -> Outcome:
        """Take one event: first what fell due before it, then the event, routing, and leaving calls.

        An `at` earlier than the last event's counts as the last one's. The outcome's facts are journalled and
        its commands carried out in order.
        """
        desk = self._desk
        at = max(event.at, desk.at)
        if isinstance(event, e.SwitchSeen):
            note_talks(desk, event)
        run_soon(desk, at)
        if self._restored:
            self._restored = False
            mend_after_settings(desk)
        self._handle(event)
        _come_to_rest(desk)
        watch(desk)
        return self._outcome()

    def _outcome(self) -> Outcome:
        desk = self._desk
        outcome = Outcome(tuple(desk.commands), tuple(desk.records), desk.refusal)
        desk.commands.clear()
        desk.records.clear()
        desk.refusal = None
        return outcome

    def _handle(self, event: e.Event) -> None:
        desk = self._desk
        match event:
            case e.Tick():
                pass
            case e.CallQueued() | e.CallerHungUp() | e.CallTakenBack():
                on_call_event(desk, event)
            case e.PhoneRang() | e.OperatorAnswered() | e.OfferFailed() | e.TalkStarted() | e.TalkEnded():
                on_offer_event(desk, event)
            case (
                e.OperatorLoggedIn()
                | e.OperatorLoggedOut()
                | e.OperatorReady()
                | e.BreakChosen()
                | e.WrapUpProlonged()
            ):
                on_person_event(desk, event)
            case e.PhoneReachable():
                on_phone_reachable(desk, event)
            case e.SwitchSeen():
                on_switch_seen(desk, event)
            case e.SettingsChanged():
                on_settings_changed(desk, event)
            case (
                w.WorkPromised()
                | w.TranscriptCame()
                | w.WorkAskedFor()
                | w.WorkClaimed()
                | w.ClaimGivenBack()
                | w.WorkPassedOn()
                | w.NoteSpoken()
                | w.WorkHandedBack()
                | w.WorkDone()
                | w.WorkCalledOff()
                | w.CustomerConfirmed()
                | w.CustomerCalled()
            ):
                on_work_event(desk, event)
            case _:
                assert_never(event)

    def next_deadline(self) -> float | None:
        """When a Tick is due, epoch seconds; may be in the past. None: nothing is awaited."""
        moments = (self._desk.timers.next(), next_watch(self._desk))
        return min((moment for moment in moments if moment is not None), default=None)

    def view(
        self, at: float, day_from: float | None = None, calls_per_queue: int | None = None
    ) -> CenterView:
        """The centre at `at`, figures since `day_from` (None: the UTC midnight before `at`).

        `calls_per_queue`: only the first so many waiting calls of each queue; None: all.
        """
        start = at - at % 86400 if day_from is None else day_from
        return self._viewer.view(at, start, calls_per_queue)

    def position(self, call: CallId) -> int | None:
        """1 is next in its queue; None for a call that does not wait."""
        return self._desk.index.position(call)

    def expected_wait(self, queue: QueueId, at: float) -> float | None:
        """Seconds that a call entering now would wait; None where that cannot be said honestly."""
        return self._desk.expected_wait(queue, at)

    def talk_of(self, call: CallId) -> LiveOffer | None:
        """The offer that this call talks by; None if it does not talk."""
        found = self._desk.state.calls.get(call)
        if found is None or not isinstance(found.state, InTalk):
            return None
        return self._desk.state.offers[found.state.offer]

    def call(self, call: CallId) -> Call | None:
        """The call with its state; None if it neither waits nor talks."""
        return self._desk.state.calls.get(call)

    def offer(self, offer: OfferId) -> LiveOffer | None:
        """The offer while it is under way or talking."""
        return self._desk.state.offers.get(offer)

    def live_offers(self) -> tuple[LiveOffer, ...]:
        """All offers under way or talking, the oldest first; to find their legs again after a restart."""
        return tuple(self._desk.state.offers.values())

    def work(self, work: WorkId) -> WorkItem | None:
        """The work item while it is open."""
        return self._desk.state.work.get(work)

    def open_work(self) -> tuple[WorkItem, ...]:
        """All open work items, in the order of their promises."""
        return tuple(self._desk.state.work.values())

    def work_stage(self, work: WorkId) -> WorkStage:
        """Where the item stands; CLOSED also for one that never was."""
        return work_stage(self._desk.state, self._desk.state.work.get(work))

    def may_be_called(self, work: WorkId, at: float) -> bool:
        """Whether the customer of this open item may be called at `at`, by whomever."""
        item = self._desk.state.work.get(work)
        return item is not None and is_allowed(self._desk.queue(item.queue).call_back, at)

    def waiting_calls(self) -> tuple[Call, ...]:
        """All calls that do not talk yet, places of work items too, by queue in the order of their places."""
        calls = self._desk.state.calls
        halls = self._desk.index.halls.values()
        return tuple(calls[rank[3]] for hall in halls for rank in hall.line)

    def checkpoint(self) -> Checkpoint:
        """The whole state after the last fact, as JSON-ready data: slow, see `snapshot`."""
        desk = self._desk
        return Snapshot(desk.seq, _Kept(desk.state, desk.figures, desk.estimator)).checkpoint()

    def snapshot(self) -> Snapshot:
        """The whole state after the last fact, to be written out elsewhere; a few milliseconds at most."""
        desk = self._desk
        return Snapshot(desk.seq, _Kept(desk.state.copy(), desk.figures.copy(), desk.estimator.copy()))

    @classmethod
    def restore(cls, settings: CenterSettings, history: History, at: float) -> "Center":
        """The centre that wrote this history: its newest checkpoint and all later facts.

        Nothing is decided here; what fell due meanwhile happens with the first event, which should be
        SwitchSeen. CodecError if the checkpoint cannot be read.
        """
        center = cls(settings, at=0.0 if history.checkpoint or history.records else at)
        desk = center._desk
        if history.checkpoint is not None:
            _load(desk, history.checkpoint)
        for record in history.records:
            desk.replay(record)
        desk.at = desk.state.at
        desk.rebuild()
        center._restored = True
        return center


def _come_to_rest(desk: Desk) -> None:
    """Serve and call whoever can be, until nothing more follows from it."""
    while True:
        follow_up(desk)
        touched = balance(desk)
        route(desk)
        for queue in touched:
            serve_idle(desk, queue)
        run_leaving(desk)
        if not (desk.aftermath or desk.stale_rooms or desk.fresh_calls or desk.fresh_operators):
            return


def _load(desk: Desk, checkpoint: Checkpoint) -> None:
    if checkpoint.state.get("version") != VERSION:
        raise CodecError(f"checkpoint of version {checkpoint.state.get('version')}, not {VERSION}")
    kept: _Kept = from_json(_Kept, checkpoint.state)
    desk.state, desk.figures, desk.estimator = kept.state, kept.figures, kept.estimator
    desk.seq = checkpoint.seq
