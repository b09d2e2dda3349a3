"""Versions of the dialplan: kept for ever, one of them live, a second one perhaps on trial."""

from ivr.versions.store import Canary, Change, Damaged, NoVersion, Overtaken, Version, VersionStore, What

__all__ = [
    "Canary",
    "Change",
    "Damaged",
    "NoVersion",
    "Overtaken",
    "Version",
    "VersionStore",
    "What",
]
