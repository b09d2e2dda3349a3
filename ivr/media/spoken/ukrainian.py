"""What is particular to Ukrainian. Clock times are ordinals: 'чотирнадцята година тридцять хвилин'."""

from ivr.media.spoken.months import month_names
from ivr.media.spoken.slavic import Grammar, Slavic

UKRAINIAN = Slavic(
    Grammar(
        language="uk",
        million=("мільйон", "мільйони", "мільйонів"),
        thousand=("тисяча", "тисячі", "тисяч"),
        one_neuter="одне",
        neuter=("е", "є"),
        genitive=("ого", "ього"),
        feminine=("а", "я"),
        months=month_names("uk"),
        of_year="року",
        centuries={1900: "тисяча дев'ятсот", 2000: "дві тисячі"},
        round_years={1900: "тисяча дев'ятисотого", 2000: "двохтисячного"},
        oclock="година",
    )
)
