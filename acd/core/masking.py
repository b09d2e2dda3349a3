"""Callers' numbers for screens and logs."""


def mask_number(number: str) -> str:
    """`'0501234567'` -> `'050***4567'`: never more than half of the digits stay; `''` stays `''`."""
    if len(number) >= 10:
        return f"{number[:3]}***{number[-4:]}"
    shown = len(number) // 3
    return f"***{number[-shown:]}" if shown else "*" * len(number)
