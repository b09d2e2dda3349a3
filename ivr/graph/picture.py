"""The tree as SVG. Graphviz lays it out; shapes tell what a step does, colours how a call goes on."""

from collections.abc import Callable
from dataclasses import dataclass

import graphviz

from ivr.dialplan.loader import Loaded
from ivr.errors import Plain
from ivr.flow.model import (
    GOODBYE,
    ByHours,
    CallBack,
    Choose,
    DialplanStep,
    Farewell,
    Hook,
    Language,
    Menu,
    Message,
    OtherLine,
    Question,
    SetValues,
    TransferOut,
    Voicemail,
    Wait,
)
from ivr.flow.said import Saying, Slot
from ivr.graph.labels import FAINT, GREEN, Row, clean, seconds, table, time_row, wrapped
from ivr.graph.svg import finished
from ivr.graph.tree import LINE, Arrow, Drawn, Tree

FONT = "DejaVu Sans,Verdana,Arial,sans-serif"
INK, SIDE = "#1f2933", "#616e7c"
MAX_LETTERS = 72
"""Of a prompt's text in a box."""
NO_DOT = (
    "the picture is laid out by the program dot, which is not here; ./dzvin graph installs it"
    " (by hand: the package graphviz)."
)
LEGEND = (
    "Seconds since the call was answered, for a caller who calls for the first time, hears each prompt to its"
    " end and answers at once; waiting, ringing, typing and web services are not counted. Green and thick:"
    " the quickest path of a line to a person. Dashed: not the caller's choice. ↪: drawn elsewhere, a link."
    " Key 0 leads to the line's operator at each menu and question that gives it no meaning of its own."
)
_TO_IT = "go to it"
TOP = "top"
"""Unseen; it keeps the lines in their order."""


@dataclass(frozen=True, slots=True)
class Look:
    shape: str
    fill: str
    edge: str = "#7b8794"
    ends: bool = False
    """The call: a double border."""


PERSON = Look("cylinder", "#d9f2e5", GREEN)
MESSAGE = Look("note", "#d9f2e5", GREEN)
CALL_BACK = Look("larrow", "#d9f2e5", GREEN)
ELSEWHERE = Look("cds", "#d9f2e5", GREEN)
END = Look("box", "#e4e7eb", ends=True)
ROOT = Look("box", "#243b53", "#243b53")
ASKS = Look("box", "#fff3c4", "#c99a0c")
SPEAKS = Look("box", "#ffffff")
DECIDES = Look("hexagon", "#e0e8f9", "#4c63b6")
ASKS_WEB = Look("component", "#f0e4fa", "#8719c9")


def look_of(step: DialplanStep | None) -> Look:
    """None: goodbye."""
    match step:
        case Menu() | Question():
            return ASKS
        case Wait():
            return PERSON
        case TransferOut():
            return ELSEWHERE
        case Voicemail():
            return MESSAGE
        case CallBack():
            return CALL_BACK
        case Farewell() | None:
            return END
        case ByHours() | Choose():
            return DECIDES
        case Hook():
            return ASKS_WEB
        case Message() | Language() | SetValues() | OtherLine():
            return SPEAKS


def help_of(step: DialplanStep | None) -> str:
    """What a caller gets here, whom no goodbye sends away; '' for nothing."""
    match step:
        case Wait() | TransferOut():
            return "a person"
        case Voicemail():
            return "a message"
        case CallBack():
            return "a call-back"
        case _:
            return ""


class Picture:
    """Of a dialplan, in one of its languages."""

    def __init__(self, loaded: Loaded, tree: Tree, text: Callable[[str, str], str], language: str) -> None:
        """`text`: what a prompt says in a language; '' where nothing is written."""
        self._loaded, self._tree, self._text, self._language = loaded, tree, text, language
        self._refer = 0

    def svg(self, title: str) -> str:
        """Plain: `dot` is not installed."""
        graph = self._graph(title)
        graph.node(TOP, label="", style="invis", width="0", height="0", margin="0")
        for line in self._tree.quickest:
            self._line(graph, line)
        for box in self._tree.boxes:
            self._step(graph, box)
        for arrow in self._tree.arrows:
            self._arrow(graph, arrow)
        try:
            made = graph.pipe(format="svg", encoding="utf-8", quiet=True)
        except graphviz.ExecutableNotFound:
            raise Plain(NO_DOT) from None
        return finished(made, title, LEGEND)

    def _graph(self, title: str) -> graphviz.Digraph:
        legend = "".join(f'{line}<br align="left"/>' for line in wrapped(LEGEND, 130))
        head = f'<b>{clean(title)}</b><br align="left"/><font point-size="11" color="{FAINT}">{legend}</font>'
        return graphviz.Digraph(
            "dialplan",
            graph_attr={
                "rankdir": "LR",
                "ordering": "out",
                "nodesep": "0.16",
                "ranksep": "0.55",
                "pad": "0.3",
                "label": f"<{head}>",
                "labelloc": "t",
                "labeljust": "l",
                "fontsize": "18",
                "fontname": FONT,
                "fontcolor": INK,
                "bgcolor": "white",
            },
            node_attr={"fontname": FONT, "fontsize": "12", "fontcolor": INK, "margin": "0.12,0.06"},
            edge_attr={"fontname": FONT, "fontsize": "12", "fontcolor": INK, "arrowsize": "0.7"},
        )

    def _line(self, graph: graphviz.Digraph, line: str) -> None:
        quickest = self._tree.quickest[line]
        reached = (
            "no person by keys alone" if quickest is None else f"a person after {seconds(quickest.seconds)}"
        )
        numbers = ", ".join(self._loaded.dialplan.lines[line].numbers)
        rows = [(numbers, "number"), (self._name_of_line(line), "light"), (reached, "light")]
        self._box(graph, f"{LINE}{line}", ROOT, rows, bold=quickest is not None)
        graph.edge(TOP, _node(f"{LINE}{line}"), style="invis")

    def _step(self, graph: graphviz.Digraph, box: Drawn) -> None:
        step = self._loaded.dialplan.steps[box.step]
        cap = [(" ", "cap")] if isinstance(step, Wait) else []
        rows = [*cap, *self._rows(step), *time_row(box.after, help_of(step))]
        self._box(graph, box.step, look_of(step), rows, bold=box.quickest)

    def _box(self, graph: graphviz.Digraph, name: str, look: Look, rows: list[Row], *, bold: bool) -> None:
        rounded = "rounded,filled" if look.shape == "box" and not look.ends else "filled"
        graph.node(
            _node(name),
            label=table(rows),
            id=_node(name),
            shape=look.shape,
            style=rounded,
            fillcolor=look.fill,
            color=GREEN if bold else look.edge,
            penwidth="3" if bold else "1.2",
            peripheries="2" if look.ends else "1",
            margin="0.2,0.06" if look.shape == "cds" else "0.12,0.06",
        )

    def _arrow(self, graph: graphviz.Digraph, arrow: Arrow) -> None:
        target = self._reference(graph, arrow) if arrow.refers else _node(arrow.target)
        colour = GREEN if arrow.quickest else SIDE if arrow.aside else INK
        graph.edge(
            _node(arrow.source),
            target,
            label=f"<{'<br/>'.join(wrapped(arrow.label, 26))}>" if arrow.label else "",
            color=colour,
            fontcolor=colour,
            penwidth="3" if arrow.quickest else "1.1",
            style="dashed" if arrow.aside else "solid",
        )

    def _reference(self, graph: graphviz.Digraph, arrow: Arrow) -> str:
        """A small stand-in, which leads to the step's own box."""
        self._refer += 1
        name = f"refer-{self._refer}"
        step = self._loaded.dialplan.steps.get(arrow.target)
        look, helped = look_of(step), help_of(step)
        person = isinstance(step, Wait | TransferOut)
        title = "Goodbye" if step is None else f"↪ {self._queue_name(step) if person else arrow.target}"
        rows = [(title, "small"), *time_row(arrow.after if helped else None, helped)]
        more = (
            {} if step is None else {"href": f"#{_node(arrow.target)}", "target": "_self", "tooltip": _TO_IT}
        )
        graph.node(
            name,
            label=table(rows),
            id=name,
            shape="box",
            style="filled" if step is None else "rounded,filled,dashed",
            peripheries="2" if step is None else "1",
            fillcolor=look.fill,
            color=GREEN if arrow.quickest else look.edge,
            penwidth="2.5" if arrow.quickest else "1",
            margin="0.1,0.06",
            height="0.3",
            **more,
        )
        return name

    def _rows(self, step: DialplanStep) -> list[Row]:
        """What a box says, each line with its style."""
        match step:
            case Wait():
                return [(f"Queue: {self._queue_name(step)}", "title"), (step.id, "id")]
            case Voicemail() | CallBack():
                what = "Message for" if isinstance(step, Voicemail) else "Call-back by"
                title = f"{what}: {self._queue_name(step)}"
                return [(title, "title"), (step.id, "id"), *self._said(step.prompts)]
            case TransferOut():
                return [(f"Transfer to {step.number}", "title"), (step.id, "id")]
            case Language():
                return [(f"Language: {step.language}", "title"), (step.id, "id")]
            case ByHours():
                return [(f"Hours: {step.hours}", "title"), (step.id, "id")]
            case Choose():
                return [("First rule that holds", "title"), (step.id, "id")]
            case SetValues():
                values = ", ".join(f"{name} = {value}" for name, value in step.values.items())
                return [(f"Remember {values}", "title"), (step.id, "id")]
            case OtherLine():
                return [(f"On to line: {self._name_of_line(step.line)}", "title"), (step.id, "id")]
            case Hook():
                return [("Web service", "title"), (step.id, "id"), *self._said(step.prompts)]
            case Farewell():
                return [("Hang up", "title"), (step.id, "id"), *self._said(step.prompts)]
            case Menu() | Question() | Message():
                return [(step.id, "title"), *self._said(step.prompts)]

    def _said(self, prompts: tuple[Saying, ...]) -> list[Row]:
        """The first words."""
        texts = (
            f"({one.value})" if isinstance(one, Slot) else self._text(one, self._language) for one in prompts
        )
        whole = " ".join(" ".join(texts).split())
        text = whole if len(whole) <= MAX_LETTERS else f"{whole[:MAX_LETTERS].rsplit(' ', 1)[0]} …"
        return [(text, "text")] if text else []

    def _queue_name(self, step: DialplanStep | None) -> str:
        match step:
            case Wait() | Voicemail() | CallBack():
                names = self._loaded.names.queues.get(step.queue, {})
                return names.get(self._language) or str(step.queue)
            case TransferOut():
                return step.number
            case _:
                return GOODBYE

    def _name_of_line(self, line: str) -> str:
        return self._loaded.names.lines.get(line, {}).get(self._language) or line


def _node(name: str) -> str:
    """Id in the picture: of a line or of a step. Colons would name a port."""
    return f"line-{name.removeprefix(LINE)}" if name.startswith(LINE) else f"step-{name}"
