"""The dialplan language: YAML that admins edit, to what the dialogue and the distributor run."""

from ivr.dialplan.check import check
from ivr.dialplan.loader import Loaded, Media, Names, Outside, Phone, load
from ivr.dialplan.problems import DialplanErrors, Problem, Spot

__all__ = [
    "DialplanErrors",
    "Loaded",
    "Media",
    "Names",
    "Outside",
    "Phone",
    "Problem",
    "Spot",
    "check",
    "load",
]
