"""Patterns of telephone numbers, as the dialplan writes them."""


def fits(pattern: str, number: str) -> bool:
    """Whether `number` is of the form `pattern`, in which X stands for any digit."""
    return len(pattern) == len(number) and all(
        one == other or (one == "X" and other.isascii() and other.isdigit())
        for one, other in zip(pattern, number, strict=True)
    )
