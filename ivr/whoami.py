"""Who types a command, for the records. Light to import."""

import getpass


def user() -> str:
    """The user's name on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
