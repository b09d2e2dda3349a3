"""Promises as tables and stories, in the centre's time zone; colours tell which ones run out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from acd.core.masking import mask_number
from acd.core.promise import Deed, Entry, Outcome, Promise, PromiseFigures
from acd.core.words import QueueId
from acd.core.work import WorkKind, WorkStage
from ivr.terminal.text import clock, percent, safe

SOON = 900.0
"""Seconds before the due time from which a promise is yellow."""
_KINDS = {WorkKind.CALL_BACK: "call-back", WorkKind.VOICEMAIL: "message"}
_OUTCOMES = {
    Outcome.KEPT: ("✓ kept", "green"),
    Outcome.BROKEN: ("✖ broken", "bold red"),
    Outcome.CALLED_OFF: ("○ called off", "dim"),
    Outcome.OPEN: ("open", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the words depend on."""

    now: float
    zone: tzinfo | None
    """None: that of this machine."""
    names: Mapping[str, str]
    """Operators by id."""
    numbers: bool = False
    """Callers' numbers whole."""

    def name(self, operator: str) -> str:
        return safe(self.names.get(operator, operator))

    def caller(self, promise: Promise) -> str:
        if not promise.caller:
            return "withheld"
        return safe(promise.caller) if self.numbers else mask_number(safe(promise.caller))

    def moment(self, at: float) -> str:
        """14:03 today, else with its date."""
        local = datetime.fromtimestamp(at, self.zone)
        if local.date() == datetime.fromtimestamp(self.now, self.zone).date():
            return f"{local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"


def promises_table(promises: Sequence[Promise], scene: Scene, title: str) -> RenderableType:
    """One row for each; a sentence where there is none."""
    if not promises:
        return Text(f"{title}: none.", "green")
    table = Table(
        title=Text(safe(title), "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("No", justify="right", no_wrap=True)
    table.add_column("What", no_wrap=True)
    table.add_column("Queue", overflow="fold")
    table.add_column("Caller", no_wrap=True)
    table.add_column("Made", no_wrap=True)
    table.add_column("Due", no_wrap=True)
    table.add_column("Tries", justify="right", no_wrap=True)
    table.add_column("How it stands", overflow="fold")
    for promise in promises:
        table.add_row(
            str(promise.id),
            _KINDS[promise.kind],
            Text(safe(promise.queue)),
            scene.caller(promise),
            scene.moment(promise.made_at),
            due(promise, scene),
            str(len(promise.attempts) or ""),
            standing(promise, scene),
        )
    return table


def due(promise: Promise, scene: Scene) -> Text:
    """When it is due, and how long that is from now."""
    at = scene.moment(promise.due_at)
    if not promise.is_open:
        return Text(at, "dim")
    left = promise.due_at - scene.now
    if left < 0:
        return Text(f"{at}, late {_span(-left)}", "bold red")
    return Text(f"{at}, in {_span(left)}", "bold yellow" if left <= SOON else "")


def _span(seconds: float) -> str:
    """0:07, 12:34, 1:02:03, 3 d 4 h."""
    days, rest = divmod(int(seconds), 86400)
    return f"{days} d {rest // 3600} h" if days else clock(seconds)


def standing(promise: Promise, scene: Scene) -> Text:
    """Where it stands, or how it ended, in words."""
    words, style = _OUTCOMES[promise.outcome]
    if promise.is_open:
        late = Text(f"{words}, ", style) if promise.outcome is Outcome.BROKEN else Text()
        return late + Text(_stage(promise, scene))
    by = f" by {scene.name(promise.closed_by)}" if promise.closed_by else ""
    topic = f", {safe(promise.topic)}" if promise.topic else ""
    return Text(words, style) + Text(f": {promise.end}{by}{topic}")


def _stage(promise: Promise, scene: Scene) -> str:
    who = scene.name(promise.holder)
    match promise.stage:
        case WorkStage.TALKING:
            return f"{who} is at it"
        case WorkStage.CLAIMED:
            until = f" until {scene.moment(promise.held_until)}" if promise.held_until else ""
            return f"{who} has it{until}"
        case WorkStage.OFFERED:
            return f"{who}'s phone is called"
        case WorkStage.FORWARDED:
            return f"at {safe(promise.holder)}"
        case WorkStage.DIALLING:
            return "the customer is called"
        case WorkStage.CALLER_HERE:
            return "its caller has called in and waits"
        case _:
            if promise.by_hand:
                return "waits for an operator to decide"
            later = promise.not_before > scene.now
            return f"waits until {scene.moment(promise.not_before)}" if later else "waits for its turn"


def summary(figures: PromiseFigures, of: str) -> Text:
    """Counts of a set of promises and the share kept, with its formula."""
    share = figures.share_kept
    style = "" if share is None else "green" if share >= 0.9 else "yellow" if share >= 0.7 else "bold red"
    counts = (
        f"{safe(of)}: made {figures.made}, kept {figures.kept}, broken {figures.broken}, "
        f"called off {figures.called_off}, open {figures.open}; "
    )
    return (
        Text(counts) + Text(f"share kept {percent(share)}", style) + Text(" = kept / (kept + broken)", "dim")
    )


def story(promise: Promise, scene: Scene) -> RenderableType:
    """One promise with its whole history, messages and transcripts."""
    head = Text(f"Promise {promise.id}: ", "bold") + standing(promise, scene)
    about = Table.grid(padding=(0, 2))
    for name, value in _about(promise, scene):
        about.add_row(Text(name, "dim"), value)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("At", no_wrap=True)
    table.add_column("After", justify="right", no_wrap=True, style="dim")
    table.add_column("What happened", overflow="fold")
    first = promise.history[0].at if promise.history else promise.made_at
    for entry in promise.history:
        after = f"+{_span(entry.at - first)}" if entry.at > first else ""
        local = datetime.fromtimestamp(entry.at, scene.zone)
        table.add_row(f"{local:%Y-%m-%d %H:%M:%S}", after, Text(sentence(entry, scene)))
    return Group(head, about, Text(), table)


def _about(promise: Promise, scene: Scene) -> list[tuple[str, Text]]:
    rows = [
        ("What", Text(f"{_KINDS[promise.kind]} of the queue {safe(promise.queue)}")),
        ("Caller", Text(scene.caller(promise))),
        ("Line", Text(f"{safe(promise.line) or '-'}, language {safe(promise.language) or '-'}")),
        ("Made", Text(scene.moment(promise.made_at))),
        ("Due", due(promise, scene)),
    ]
    if promise.department:
        note = f": {safe(promise.note)}" if promise.note else ""
        rows.append(("Department", Text(f"{safe(promise.department)}{note}")))
    for each in promise.messages:
        name = f"Note by {scene.name(each.by)}" if each.by else "Message"
        rows.append((name, Text(_heard(each.seconds, each.text, each.confidence))))
    if not promise.known:
        rows.append(("Note", Text("the journal does not hold how it was made", "yellow")))
    return rows


def _heard(seconds: float, text: str | None, confidence: float) -> str:
    length = f"{clock(seconds)} min"
    if text is None:
        return f"{length}, no transcript"
    return f"{length}, heard with {confidence:.0%}: “{safe(text)}”" if text else f"{length}, no words heard"


def sentence(entry: Entry, scene: Scene) -> str:
    """What happened, for people."""
    who, said, number = scene.name(entry.who), safe(entry.said), entry.number
    until = scene.moment(entry.until) if entry.until is not None else ""
    match entry.what:
        case Deed.MADE:
            message = f" with a message of {clock(number)}" if number else ""
            return f"Promised{message}, due {until}."
        case Deed.ADDED:
            return f"One more message of {clock(number or 0)}."
        case Deed.TRANSCRIBED:
            return f"Heard: “{said}”" if said else "No words were heard in the message."
        case Deed.TAKEN:
            return f"{who} has it, until {until}."
        case Deed.LET_GO:
            return f"It waits again{f' after {who}' if who else ''}: {said}."
        case Deed.FORWARDED:
            return f"{who} passed it on to {said}."
        case Deed.NOTED:
            return f"{who} added a spoken note of {clock(number or 0)}."
        case Deed.HANDED_BACK:
            return f"Handed back by {who or 'the department'}: {said}."
        case Deed.RAISED:
            return "Its time runs out: it goes before others from now on."
        case Deed.BROKEN:
            return "The time promised is over: broken. It stays open."
        case Deed.BY_HAND:
            return f"No more calls by itself, an operator decides: {said}."
        case Deed.CLOSED:
            return f"Closed{f' by {who}' if who else ''}: {said}."
        case _:
            return _call_sentence(entry, who, said, until)


def _call_sentence(entry: Entry, who: str, said: str, until: str) -> str:
    number = int(entry.number or 0)
    match entry.what:
        case Deed.DIALLED:
            return f"The customer is called, attempt {number}."
        case Deed.CUSTOMER_WAITS:
            return "The customer wants the call and waits for an operator."
        case Deed.TRIED:
            again = f"; again at {until}" if until else ""
            return f"Attempt {number}: {said}{again}."
        case Deed.HELD:
            return f"{who} is kept free for it until {until}."
        case Deed.HOLD_ENDED:
            return f"{who} is not kept free for it any more: {said}."
        case Deed.OFFERED:
            return f"{who}'s phone is called."
        case Deed.MISSED:
            return f"{who} missed it: {said}."
        case Deed.WITHDRAWN:
            return f"The offer to {who} was withdrawn: {said}."
        case Deed.TALKING:
            return f"{who} is at it."
        case Deed.TALK_OVER:
            return f"{who} was at it for {clock(entry.number or 0)}."
        case _:
            return "Its caller called in and got the kept place."


def day_table(figures: Mapping[tuple[QueueId, WorkKind], PromiseFigures], title: str) -> RenderableType:
    """The day's promises by queue."""
    if not figures:
        return Text(f"{title}: no promises.")
    table = Table(
        title=Text(safe(title), "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("Queue", overflow="fold")
    table.add_column("What", no_wrap=True)
    for name in ("Made", "Kept", "Broken", "Called off", "Open now", "Share kept"):
        table.add_column(name, justify="right", no_wrap=True)
    for (queue, kind), one in sorted(figures.items()):
        table.add_row(Text(safe(queue)), _KINDS[kind], *_cells(one))
    return table


def _cells(one: PromiseFigures) -> tuple[str, ...]:
    counts = (one.made, one.kept, one.broken, one.called_off, one.open)
    return (*(str(count) for count in counts), percent(one.share_kept))
