"""Nouns that are counted, with their gender and one form for each plural category of CLDR.

The form for a number is picked by CLDR's rule for whole numbers, which Babel carries: in Ukrainian and
Russian `one` (1, 21), `few` (2 to 4, 22 to 24), `many` (all others); in English `one` and `other`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from babel import Locale

Gender = Literal["m", "f", "n"]
_CATEGORIES = {"uk": ("one", "few", "many"), "ru": ("one", "few", "many"), "en": ("one", "other")}


@dataclass(frozen=True, slots=True)
class Noun:
    """One noun in one language; `forms`: category -> word."""

    gender: Gender
    forms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Currency:
    """Nouns of the whole unit and of its hundredth."""

    major: str
    minor: str


CURRENCIES: Mapping[str, Currency] = {
    "UAH": Currency("hryvnia", "kopiyka"),
    "RUB": Currency("rouble", "kopeck"),
    "USD": Currency("dollar", "cent"),
    "EUR": Currency("euro", "cent"),
}

# gender of the Ukrainian and of the Russian noun, then the forms: uk, ru (one few many), en (one other)
_TABLE = """
parcel         ff  посилка посилки посилок              посылка посылки посылок               parcel parcels
message        nn  повідомлення повідомлення повідомлень \
                   сообщение сообщения сообщений  message messages
caller         mm  абонент абоненти абонентів           абонент абонента абонентов            caller callers
item           ff  штука штуки штук                     штука штуки штук                      item items
second         ff  секунда секунди секунд               секунда секунды секунд                second seconds
minute         ff  хвилина хвилини хвилин               минута минуты минут                   minute minutes
hour           fm  година години годин                  час часа часов                        hour hours
day            mm  день дні днів                        день дня дней                         day days
month          mm  місяць місяці місяців                месяц месяца месяцев                  month months
year           mm  рік роки років                       год года лет                          year years
kilowatt-hour  fm  кіловат-година кіловат-години кіловат-годин \
                   киловатт-час киловатт-часа киловатт-часов  kilowatt-hour kilowatt-hours
cubic-metre    mm  кубометр кубометри кубометрів        кубометр кубометра кубометров \
                   cubic_metre cubic_metres
hryvnia        ff  гривня гривні гривень                гривна гривны гривен                  hryvnia hryvnias
kopiyka        ff  копійка копійки копійок              копейка копейки копеек                kopiyka kopiykas
rouble         mm  рубль рублі рублів                   рубль рубля рублей                    rouble roubles
kopeck         ff  копійка копійки копійок              копейка копейки копеек                kopeck kopecks
dollar         mm  долар долари доларів                 доллар доллара долларов               dollar dollars
euro           mm  євро євро євро                       евро евро евро                        euro euros
cent           mm  цент центи центів                    цент цента центов                     cent cents
"""
_GENDERS: Mapping[str, Gender] = {"m": "m", "f": "f", "n": "n"}


@cache
def nouns(language: str) -> Mapping[str, Noun]:
    """All counted nouns of 'uk', 'ru' or 'en' by their ids."""
    return {row[0]: _noun(row, language) for row in map(str.split, _rows())}


def _rows() -> list[str]:
    return _TABLE.strip().splitlines()


def _noun(row: list[str], language: str) -> Noun:
    _, genders, *words = row
    start = {"uk": 0, "ru": 3, "en": 6}[language]
    forms = [word.replace("_", " ") for word in words[start:]]
    gender = {"uk": _GENDERS[genders[0]], "ru": _GENDERS[genders[1]]}.get(language, "m")
    return Noun(gender, dict(zip(_CATEGORIES[language], forms, strict=False)))


def category(number: int, language: str) -> str:
    """CLDR's plural category of a whole number."""
    return str(_locale(language).plural_form(number))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)
