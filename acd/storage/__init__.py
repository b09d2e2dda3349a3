"""The journal on disk and in a database, questions to it, and the languages of callers."""

from acd.storage.callers import CallerLanguageSettings, SqlCallerLanguages, open_caller_languages
from acd.storage.errors import (
    DatabaseAway,
    FolderInUse,
    HistoryUnknown,
    NewerDatabase,
    OlderDatabase,
    StorageError,
)
from acd.storage.journal import JournalSettings, SqlJournal, open_journal
from acd.storage.promise_reader import PromiseReader
from acd.storage.reader import FactReader, open_reader
from acd.storage.spool import SpoolLimits
from acd.storage.upkeep import forget_daily

__all__ = [
    "CallerLanguageSettings",
    "DatabaseAway",
    "FactReader",
    "FolderInUse",
    "HistoryUnknown",
    "JournalSettings",
    "NewerDatabase",
    "OlderDatabase",
    "PromiseReader",
    "SpoolLimits",
    "SqlCallerLanguages",
    "SqlJournal",
    "StorageError",
    "forget_daily",
    "open_caller_languages",
    "open_journal",
    "open_reader",
]
