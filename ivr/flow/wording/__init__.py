"""Reading what callers say: numbers, digits, dates, yes and no, phrases. Ukrainian, Russian and English.

Pure: tables of words and functions over them. Nothing here fails on any text or language: what is not
understood is None or empty.
"""

from ivr.flow.wording.dates import date_from_keys, date_vocabulary, read_date
from ivr.flow.wording.normal import normal
from ivr.flow.wording.numbers import digit_readings, number_vocabulary, read_number
from ivr.flow.wording.phrases import (
    at_time_words,
    in_turn_words,
    language_words,
    match,
    message_words,
    no_words,
    operator_words,
    read_yes_no,
    yes_words,
)

__all__ = [
    "at_time_words",
    "date_from_keys",
    "date_vocabulary",
    "digit_readings",
    "in_turn_words",
    "language_words",
    "match",
    "message_words",
    "no_words",
    "normal",
    "number_vocabulary",
    "operator_words",
    "read_date",
    "read_number",
    "read_yes_no",
    "yes_words",
]
