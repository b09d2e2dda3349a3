"""The line report and the answers to "why" as tables."""

import io

from rich.console import Console, RenderableType

from ivr.terminal.reports import Breach, Spread, Step, line_report, show, why_table


def _printed(what: RenderableType, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    return out.getvalue()


_SPREADS = [
    Spread("operator free to talking", 1200, 0.011, 0.024, 0.029, 3.4),
    Spread("phone rings to answer", 0, None, None, None, None),
]
_BREACH = Breach(1_760_000_000.0, "050***4567", "Anna [red]", "Parcels\x1b[2J", 3.4, "phone rang")


def test_the_line_report_shows_the_percentiles_and_each_breach() -> None:
    lines = _printed(line_report(_SPREADS, [_BREACH], 3.0)).splitlines()
    row = next(line for line in lines if line.startswith("operator free"))
    assert row.split()[-8:] == ["1200", "11", "ms", "24", "ms", "29", "ms", "3.4", "s"][-8:]
    assert next(line for line in lines if line.startswith("phone rings")).split()[-5:] == ["0", *"----"]
    assert "Slower than 3.0 s: 1" in "\n".join(lines)
    breach = next(line for line in lines if "050***4567" in line)
    assert "Anna [red]" in breach
    assert "phone rang" in breach
    assert "\x1b" not in breach


def test_a_day_without_a_breach_says_so() -> None:
    assert "No assignment took longer than 3.0 s." in _printed(line_report(_SPREADS, [], 3.0))


def test_an_answer_is_in_order_with_the_time_between() -> None:
    steps = [Step(100.0, "the call entered"), Step(100.0, "nobody was free"), Step(194.2, "Anna became free")]
    lines = _printed(why_table("Why did 050***4567 wait?", steps)).splitlines()
    assert lines[0].startswith("Why did 050***4567 wait?")
    assert [line.split("  ")[-1].strip() for line in lines[3:]] == [step.text for step in steps]
    assert "+1:34" in lines[5]
    assert "+" not in lines[4]


def test_an_empty_answer_is_a_sentence() -> None:
    assert "says nothing" in _printed(why_table("Why?", []))


def test_a_narrow_terminal_folds_and_loses_nothing() -> None:
    text = _printed(line_report(_SPREADS, [_BREACH], 3.0), width=46)
    assert max(len(line) for line in text.splitlines()) <= 46
    joined = "".join(text.split())
    assert "3.4s" in joined
    assert "29ms" in joined


def test_in_a_pipe_long_sentences_stay_on_their_line() -> None:
    out = io.StringIO()
    sentence = "all three operators with the skill were talking until Anna became free and was called at once"
    show(why_table("Why?", [Step(0.0, sentence)]), Console(file=out, width=40))
    assert sentence in out.getvalue()
