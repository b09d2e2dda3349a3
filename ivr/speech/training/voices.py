"""The voices that teach, and those that are kept for tests."""

from numpy.random import Generator

from ivr.speech.training.espeak import Voice

_TEACHERS = (
    *("", "", "+m1", "+m2", "+m4", "+m5", "+m6", "+m7", "+f1", "+f3", "+f4", "+f5"),
    *(
        "+klatt",
        "+klatt2",
        "+klatt4",
        "+Andy",
        "+Annie",
        "+Michael",
        "+steph",
        "+max",
        "+Gene",
        "+Alex",
        "+linda",
    ),
)
_RATES = (105, 115, 130, 140, 155, 165, 180, 195)
ACCENTS = {"uk": ("uk",), "ru": ("ru",), "en": ("en", "en-us")}
"""espeak-ng's languages for each of ours."""
HELD_OUT_VARIANTS = ("+m3", "+f2", "+klatt3", "+Andrea")
HELD_OUT_RATES = (122, 148, 172)


def teacher(language: str, rng: Generator) -> Voice:
    """A voice to learn from."""
    variant = _TEACHERS[rng.integers(len(_TEACHERS))]
    pitch = int(min(max(rng.normal(50, 18), 5), 95))
    accents = ACCENTS[language]
    return Voice(accents[rng.integers(len(accents))] + variant, int(_RATES[rng.integers(len(_RATES))]), pitch)
