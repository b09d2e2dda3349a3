"""What the world sees of the centre: health, metrics, live snapshots, the wallboard."""

from acd.web.promises import PromiseDesk
from acd.web.server import WebServer
from acd.web.shown_names import ShownNames
from acd.web.source import Health, HooksState, SpeechState, ViewSource

__all__ = ["Health", "HooksState", "PromiseDesk", "ShownNames", "SpeechState", "ViewSource", "WebServer"]
