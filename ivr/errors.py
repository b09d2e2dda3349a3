"""The error that people see: one sentence that says what is wrong and what would be right."""


class Plain(Exception):
    """A mistake in settings, files or surroundings: the command prints its sentence and exits with 2."""
