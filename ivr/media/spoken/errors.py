"""Why a piece cannot be said; each text is one sentence."""


class SpokenError(ValueError):
    """A piece that has no words: an unknown language, noun or currency, or a value out of range."""


class UnknownLanguage(SpokenError):
    def __init__(self, language: str, known: tuple[str, ...]) -> None:
        super().__init__(f"numbers and dates are not spoken in {language!r}; they are in {', '.join(known)}")


class UnknownNoun(SpokenError):
    def __init__(self, noun: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{noun!r} cannot be counted; these can: {', '.join(known)}")


class UnknownCurrency(SpokenError):
    def __init__(self, currency: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{currency!r} is no currency that can be said; these can: {', '.join(known)}")


class OutOfRange(SpokenError):
    def __init__(self, what: str, value: object, allowed: str) -> None:
        super().__init__(f"the {what} {value!r} cannot be said; expected {allowed}")
