"""The journal on disk and in a database, and questions to it."""

from acd.storage.errors import DatabaseAway, FolderInUse, HistoryUnknown, NewerDatabase, StorageError
from acd.storage.journal import JournalSettings, SqlJournal, open_journal
from acd.storage.reader import FactReader, open_reader
from acd.storage.spool import SpoolLimits

__all__ = [
    "DatabaseAway",
    "FactReader",
    "FolderInUse",
    "HistoryUnknown",
    "JournalSettings",
    "NewerDatabase",
    "SpoolLimits",
    "SqlJournal",
    "StorageError",
    "open_journal",
    "open_reader",
]
