"""What the demo shows at its end, and whether it went well."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from ivr.demo.caller import Spoken
from ivr.demo.stage import Stage
from ivr.softphone.ear import tone_for
from ivr.terminal.text import safe, short_time

WORDS, SOUND = "Words", "Sound"
"""How the tables' titles begin."""
HEARD_FOR = 0.5
"""A tone that was heard for so long counts as a voice."""
RIGHT_SHARE = 0.75
"""Of the words that the server had an answer to, so many at least must have been understood."""


def spoken_table(spoken: Sequence[Spoken]) -> Table:
    """What was said, what was understood, where it led, and how long that took."""
    table = Table(title=f"{WORDS}: what was said, what was understood, where it led, how long after its end")
    for name in ("phone", "", "said", "prompt", "understood"):
        table.add_column(name, overflow="fold")
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("led", overflow="fold")
    table.add_column("after", justify="right", no_wrap=True)
    for one in spoken:
        table.add_row(
            one.phone,
            one.language,
            Text(safe(one.words)),
            "spoken over" if one.over_prompt else "heard out",
            Text(safe(one.heard if one.heard is not None else "(the call ended)"), _style(one)),
            f"{one.confidence:.0%}" if one.confidence else "-",
            one.led or "-",
            short_time(one.took_for),
        )
    return table


def _style(one: Spoken) -> str:
    return "" if one.heard is None else "green" if one.understood else "bold red"


def words_were_understood(spoken: Sequence[Spoken]) -> bool:
    answered = [one for one in spoken if one.heard is not None]
    right = sum(one.understood for one in answered)
    return right >= max(1.0, RIGHT_SHARE * len(answered))


def sound_table(stage: Stage) -> tuple[Table, bool]:
    """Who heard whom, from the recordings; whether every operator who talked was heard and heard."""
    table = Table(
        "operator's phone", "heard callers", "callers who heard it", title=f"{SOUND}, from the recordings"
    )
    callers = stage.callers
    well = True
    for name in (name for name in stage.phones if name not in callers):
        heard = [caller for caller in callers if _heard(stage, name, caller)]
        heard_by = [caller for caller in callers if _heard(stage, caller, name)]
        well = well and heard == heard_by
        table.add_row(name, ", ".join(heard) or "-", ", ".join(heard_by) or "-")
    return table, well


def _heard(stage: Stage, listener: str, speaker: str) -> bool:
    recordings = stage.phones[listener].recordings()
    return any(tone_for(path, stage.tones[speaker]) >= HEARD_FOR for path in recordings)
