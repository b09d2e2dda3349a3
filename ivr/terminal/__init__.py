"""What is shown in a terminal: the live view of the centre, reports, answers to "why"."""

from ivr.terminal.screen import CenterScreen

__all__ = ["CenterScreen"]
