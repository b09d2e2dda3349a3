"""What storage refuses, and why; each message is a sentence an administrator can act upon."""

from acd.core.errors import LedgerAway


class StorageError(Exception):
    """Base of the following."""


class NewerDatabase(StorageError):
    """The database was written by a newer program; this one would not understand it."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database has schema {revision}, which this version does not know: "
            "start the newer version, or restore the backup made before the upgrade"
        )


class OlderDatabase(StorageError, LedgerAway):
    """The tables that a question needs are not there yet."""

    def __init__(self) -> None:
        super().__init__(
            "the database is of an older version and has no promises yet: the server brings it up to date "
            "when it is started"
        )


class FolderInUse(StorageError):
    """Another process writes this journal."""

    def __init__(self, folder: object) -> None:
        super().__init__(f"the journal in {folder} is in use by another running server")


class HistoryUnknown(StorageError):
    """Nothing local to start from, and the database does not answer: numbering could not go on."""

    def __init__(self, database: str, folder: object) -> None:
        super().__init__(
            f"the database {database} does not answer and {folder} holds no complete history: "
            "start the database once, so that the server knows where its journal ended"
        )


class DatabaseAway(StorageError, LedgerAway):
    """A report cannot be made: the database does not answer, or is not one of ours."""

    def __init__(self, database: str, why: Exception) -> None:
        said = str(getattr(why, "orig", None) or why).splitlines()
        super().__init__(
            f"the database {database} does not answer: {said[0] if said else type(why).__name__}"
        )
