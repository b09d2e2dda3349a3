"""What is said to the test models: nothing that they were taught to reject, voices that they never heard."""

import random
from collections.abc import Sequence


def _list(words: str) -> list[str]:
    return words.split(", ")


MENU = {
    "uk": _list(
        "показник, борг, оператор, посилка, відділення, відгук, так, ні, де моя посилка, тарифи, "
        "послуги, години, головне меню, назад, новини, скарга, дякую, ще раз, баланс"
    ),
    "ru": _list(
        "показания, долг, оператор, посылка, отделение, отзыв, да, нет, где моя посылка, тарифы, "
        "услуги, часы, главное меню, назад, жалоба, спасибо, еще раз, баланс"
    ),
    "en": _list(
        "reading, balance, operator, parcel, branch, comment, yes, no, where is my parcel, rates, "
        "services, hours, main menu, back, complaint, thank you, again, meter, english, ukrainian, "
        "russian"
    ),
}
STRANGE = {
    "uk": _list(
        "холодильник, вікно, картопля, трамвай, подушка, мікроскоп, бджола, парасолька, черевики, "
        "гора, корабель, зошит, морозиво, понеділок, лікарня, барабан, вишня, стілець, пиріжок, "
        "математика"
    ),
    "ru": _list(
        "холодильник, окно, картошка, трамвай, подушка, микроскоп, пчела, зонтик, ботинки, гора, "
        "корабль, тетрадь, мороженое, понедельник, больница, барабан, вишня, стул, пирожок, "
        "математика"
    ),
    "en": _list(
        "refrigerator, window, potato, tramway, pillow, microscope, bumblebee, umbrella, slippers, "
        "mountain, sailing ship, notebook, ice cream, weekend, hospital, drummer, cherry, "
        "armchair, pancake, mathematics"
    ),
}
_DIGITS = {
    "uk": _list("нуль, один, два, три, чотири, п'ять, шість, сім, вісім, дев'ять"),
    "ru": _list("ноль, один, два, три, четыре, пять, шесть, семь, восемь, девять"),
    "en": _list("zero, one, two, three, four, five, six, seven, eight, nine"),
}
_TENS = {
    "uk": _list("двадцять, тридцять, сорок, п'ятдесят, шістдесят, сімдесят, вісімдесят, дев'яносто"),
    "ru": _list("двадцать, тридцать, сорок, пятьдесят, шестьдесят, семьдесят, восемьдесят, девяносто"),
    "en": _list("twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety"),
}
_HUNDREDS = {
    "uk": _list("сто, двісті, триста, чотириста, п'ятсот, шістсот, сімсот, вісімсот, дев'ятсот"),
    "ru": _list("сто, двести, триста, четыреста, пятьсот, шестьсот, семьсот, восемьсот, девятьсот"),
    "en": [f"{digit} hundred" for digit in _DIGITS["en"][1:]],
}


def three_digit_numbers(language: str, count: int) -> Sequence[str]:
    """The same for every run."""
    chance = random.Random(7)
    return [
        " ".join(chance.choice(table[language]) for table in (_HUNDREDS, _TENS))
        + " "
        + chance.choice(_DIGITS[language][1:])
        for _ in range(count)
    ]


def digit_strings(language: str, count: int, length: int = 6) -> Sequence[str]:
    """The same for every run."""
    chance = random.Random(8)
    return [" ".join(chance.choice(_DIGITS[language]) for _ in range(length)) for _ in range(count)]
