"""Telephone numbers that people are called back at: checked, and written as they will be dialled."""

import re
from collections.abc import Callable

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

_INTERNAL = re.compile(r"[0-9]{2,6}")
_NOT_DIALLED = re.compile(r"[\s().\-]")


def is_region(region: str) -> bool:
    """Whether `region` is a country's ISO 3166 code whose numbers are known, such as UA."""
    return region in phonenumbers.SUPPORTED_REGIONS


def dialable(number: str, region: str, may_dial: Callable[[str], bool]) -> str:
    """`number` in the first form that may be dialled; '' for no number, or one that may not be called.

    `region`: whose national form numbers have that do not begin with +. Short numbers of the house count as
    they are.
    """
    plain = _NOT_DIALLED.sub("", number)
    return next((form for form in _forms(plain, region) if may_dial(form)), "")


def _forms(number: str, region: str) -> list[str]:
    """National first, which is what a trunk at home expects."""
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return []
    if not phonenumbers.is_valid_number(parsed):
        return [number] if _INTERNAL.fullmatch(number) else []
    whole = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    abroad = phonenumbers.region_code_for_number(parsed) != region
    national = "" if abroad else _digits(phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))
    return [form for form in (national, whole, whole.removeprefix("+"), f"00{whole[1:]}") if form]


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
