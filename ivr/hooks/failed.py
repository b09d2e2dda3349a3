"""The one error of web hooks."""


class HookFailed(Exception):
    """The service was not reached in time, refused, or answered what cannot be used.

    `reason` is a phrase for the log ('no answer within 3 s'); it never repeats what a caller gave or the
    service wrote.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
