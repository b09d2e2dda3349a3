"""What is particular to Russian. Clock times are counted: 'четырнадцать часов тридцать минут'."""

from ivr.media.spoken.months import month_names
from ivr.media.spoken.slavic import Grammar, Slavic

RUSSIAN = Slavic(
    Grammar(
        language="ru",
        million=("миллион", "миллиона", "миллионов"),
        thousand=("тысяча", "тысячи", "тысяч"),
        one_neuter="одно",
        neuter=("ое", "ье"),
        genitive=("ого", "ьего"),
        feminine=("ая", "ья"),
        months=month_names("ru"),
        of_year="года",
        centuries={1900: "тысяча девятьсот", 2000: "две тысячи"},
        round_years={1900: "тысяча девятисотого", 2000: "двухтысячного"},
    )
)
