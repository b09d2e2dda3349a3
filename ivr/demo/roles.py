"""What the demo's callers want, and how they answer each question of the shipped dialplan."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.states import Asking, Confirming, State


@dataclass(frozen=True, slots=True)
class Reply:
    """To one question. `words` are said instead of the keys where they are understood; '': always keys."""

    keys: str
    words: str = ""
    over_prompt: bool = True
    """Said while the prompt plays, else after its end."""


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of call. `language`: of the words."""

    dials: str
    language: str
    replies: Mapping[str, Reply]
    """By the step that asks; with CONFIRMS after it, to "is that correct?"."""


CONFIRMS = "?"


def question_of(state: State) -> str:
    """What is asked now; '' for nothing."""
    match state:
        case Asking(step=step):
            return step
        case Confirming(step=step):
            return step + CONFIRMS
        case _:
            return ""


def _by_keys(language: str, key: str) -> Role:
    return Role("100", language, {"choose-language": Reply(key), "main-menu": Reply("0")})


def _asks_for_operator(language: str, key: str, word: str) -> Role:
    return Role("100", language, {"choose-language": Reply(key), "main-menu": Reply("0", word)})


def _asks_for_parcel(language: str, key: str, parcel: str, operator: str) -> Role:
    replies = {
        "choose-language": Reply(key),
        "main-menu": Reply("1", parcel),
        "tracking-menu": Reply("0", operator),
    }
    return Role("100", language, replies)


METER = Role(
    "400",
    "uk",
    {
        "meter-ask-account": Reply("10000001", "один нуль нуль нуль нуль нуль нуль один"),
        "meter-ask-account?": Reply("1", "так"),
        "meter-menu": Reply("1", "показник"),
        "meter-ask-reading": Reply("4600", "чотири тисячі шістсот", over_prompt=False),
        "meter-ask-reading?": Reply("1", "так"),
        "meter-more": Reply("0", "оператор"),
    },
)
"""An account of the example service, and a reading above its last one."""

ROLES = (
    (METER, _asks_for_parcel("uk", "1", "посилка", "оператор")),
    (_asks_for_parcel("ru", "2", "посылка", "оператор"), _by_keys("ru", "2")),
    (_by_keys("uk", "1"), _asks_for_operator("uk", "1", "оператор")),
    (_asks_for_parcel("en", "3", "parcel", "operator"), _by_keys("en", "3")),
)
"""For each caller's phone, its calls in turn, again and again."""
