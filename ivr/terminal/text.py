"""How values are written in a terminal: safe text, durations, signs that need no colour."""

import time

from rich.text import Text

from acd.core.views import OperatorView, operator_state

STATES = {
    "idle": ("●", "o", "free", "green"),
    "ringing": ("◎", "@", "ringing", "bold cyan"),
    "talking": ("◆", "*", "talking", "bold blue"),
    "wrap-up": ("◐", "w", "wrap-up", "yellow"),
    "on break": ("=", "=", "break", "magenta"),
    "logged out": ("○", ".", "logged out", "dim"),
    "unreachable": ("✖", "x", "phone unreachable", "bold red"),
    "held": ("◇", "h", "kept for a customer", "cyan"),
    "set aside": ("◌", "-", "resting after a miss", "yellow"),
}
"""State -> sign, sign in plain ASCII, words, style."""


def safe(text: str) -> str:
    """Without control characters: a name cannot move the cursor or colour the screen."""
    return "".join(char if char.isprintable() else "�" for char in text)


def clock(seconds: float) -> str:
    """0:07, 12:34, 1:02:03."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def local_time(at: float) -> str:
    """Time of day here, 14:03:09."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def short_time(seconds: float | None) -> str:
    """28 ms, 0.95 s, 3.2 s, 1:35; '-' for None."""
    if seconds is None:
        return "-"
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    return clock(seconds)


def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def bar(value: float, full: float, width: int, ascii_only: bool) -> str:
    """A bar of at most `width` characters; anything above 0 shows at least one."""
    if value <= 0 or full <= 0:
        return ""
    return ("#" if ascii_only else "█") * max(1, min(width, round(width * value / full)))


def state_text(operator: OperatorView, ascii_only: bool) -> Text:
    state = operator_state(operator)
    sign, plain, words, style = STATES[state]
    text = Text(f"{plain if ascii_only else sign} {words}", style=style)
    if state == "on break" and operator.reason:
        text.append(f" ({safe(operator.reason)})")
    if operator.next_status:
        text.append(f", then {safe(operator.next_status)}", style="italic")
    return text
