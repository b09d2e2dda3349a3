# ruff: noqa: E501 -- messages stand here on one line, as an admin sees them
"""Dialplans whose names, numbers, times and ways do not fit together, with every message."""

from tests.dialplan_samples import SMALL, Files, changed, extra

L, M, P = "lines.yaml", "menus.yaml", "people.yaml"

CORPUS: list[tuple[str, Files, list[str]]] = [
    (
        "bad id",
        changed(M, "  news: {", "  News!: {"),
        [
            "menus.yaml:4:24: there is no step 'news'; did you mean 'News!'?",
            "menus.yaml:6:3: 'News!' cannot be a name in steps; use small Latin letters, digits and '-', a letter first, at most 40",
        ],
    ),
    (
        "built-in name",
        changed(M, "  news: {", "  goodbye: {"),
        [
            "menus.yaml:4:24: there is no step 'news'; known: ask, call-out, goodbye, main-menu, operator, sorry",
            "menus.yaml:6:3: the name 'goodbye' is built in; choose another one for this step",
        ],
    ),
    (
        "unknown step",
        changed(M, "1: ask", "1: aks"),
        [
            "menus.yaml:4:16: there is no step 'aks'; did you mean 'ask'?",
        ],
    ),
    (
        "unknown queue",
        changed(M, "queue: help", "queue: halp"),
        [
            "menus.yaml:8:12: there is no queue 'halp'; did you mean 'help'?",
        ],
    ),
    (
        "unknown hours",
        changed(L, "hours: office", "hours: offise"),
        [
            "lines.yaml:9:12: there are no opening hours 'offise'; did you mean 'office'?",
        ],
    ),
    (
        "unknown skill",
        changed(P, "skills: { sales: 2 }", "skills: { salse: 2 }"),
        [
            "people.yaml:5:15: there is no skill 'salse'; did you mean 'sales'?",
        ],
    ),
    (
        "unknown queue of operator",
        changed(P, "queues: [help]", "queues: [help, hlep]"),
        [
            "people.yaml:12:20: there is no queue 'hlep'; did you mean 'help'?",
        ],
    ),
    (
        "unknown language",
        changed(M, "news: { play: news", "news: { language: ru"),
        [
            "menus.yaml:6:21: the language 'ru' is not among the center's languages; known: en, uk",
        ],
    ),
    (
        "unknown line",
        changed(M, "{ play: news, then: main-menu }", "{ line: mian }"),
        [
            "menus.yaml:6:17: there is no line 'mian'; did you mean 'main'?",
        ],
    ),
    (
        "bad time",
        changed(L, "08:00-20:00", "8-20"),
        [
            "lines.yaml:15:22: '8' is no time of day; write 00:00 to 24:00, for instance 08:30",
        ],
    ),
    (
        "time out of range",
        changed(L, "08:00-20:00", "08:00-25:00"),
        [
            "lines.yaml:15:22: '25:00' is no time of day; write 00:00 to 24:00, for instance 08:30",
        ],
    ),
    (
        "overlapping hours",
        changed(L, "08:00-20:00", "[08:00-13:00, 12:00-20:00]"),
        [
            "lines.yaml:15:22: these opening hours overlap; let each end before the next begins",
        ],
    ),
    (
        "bad day",
        changed(L, "sat: closed", "saturday: closed"),
        [
            "lines.yaml:15:35: 'saturday' is no day; write daily, mon, tue, wed, thu, fri, sat, sun, or from-to like mon-fri",
        ],
    ),
    (
        "day twice",
        changed(L, "sat: closed", "fri: closed"),
        [
            "lines.yaml:15:11: one day is here twice; name each day once",
        ],
    ),
    (
        "bad time zone",
        changed(L, "Europe/Kyiv", "Europe/Kyev"),
        [
            "lines.yaml:3:14: there is no time zone 'Europe/Kyev'; did you mean 'Europe/Kyiv'?",
        ],
    ),
    (
        "bad dates",
        changed(
            L,
            "sat: closed }",
            "sat: closed }\n    exceptions:\n      - { on: 2026-02-30, open: closed }\n      - { on: 13-01, open: closed }\n      - { from: 2026-05-01, open: closed }\n      - { from: 2026-05-03, to: 2026-05-01, open: closed }\n      - { on: tomorrow, open: closed }",
        ),
        [
            "lines.yaml:17:9: '2026-02-30' is no date; write 2026-12-31, or 12-31 with 'on' for every year",
            "lines.yaml:18:9: '13-01' is no day of a year; write month-day, for instance 12-31",
            "lines.yaml:19:9: an exception has one of 'on', 'every-month', or both 'from' and 'to'; write one of them",
            "lines.yaml:20:9: 'to' 2026-05-01 is before 'from' 2026-05-03; exchange them",
            "lines.yaml:21:9: 'tomorrow' is no date; write 2026-12-31, or 12-31 with 'on' for every year",
        ],
    ),
    (
        "days that no month has",
        changed(
            L,
            "sat: closed }",
            "sat: closed }\n    exceptions:\n      - { every-month: 4-1, open: closed }\n      - { every-month: 32, open: closed }\n      - { every-month: first, open: closed }",
        ),
        [
            "lines.yaml:17:9: '4-1' are no days of a month; write 1 to 31, for instance 15 or 1-4",
            "lines.yaml:18:9: '32' are no days of a month; write 1 to 31, for instance 15 or 1-4",
            "lines.yaml:19:9: 'first' are no days of a month; write 1 to 31, for instance 15 or 1-4",
        ],
    ),
    (
        "days of every month that are also a date",
        changed(
            L,
            "sat: closed }",
            "sat: closed }\n    exceptions:\n      - { every-month: 1-4, on: 12-31, open: closed }",
        ),
        [
            "lines.yaml:17:9: an exception has one of 'on', 'every-month', or both 'from' and 'to'; write one of them",
        ],
    ),
    (
        "unknown country",
        changed(L, "sat: closed }", "sat: closed }\n    public-holidays: { country: UKR2 }"),
        [
            "lines.yaml:16:33: no public holidays are known for 'UKR2'; did you mean 'UKR'?",
        ],
    ),
    (
        "country that is a part of the library",
        changed(L, "sat: closed }", "sat: closed }\n    public-holidays: { country: utils }"),
        [
            "lines.yaml:16:33: no public holidays are known for 'utils'; known: ABW, AD, AE, AF, AFG, AG, AGO,"
            " AI, …",
        ],
    ),
    (
        "country that is every country's pattern",
        changed(L, "sat: closed }", "sat: closed }\n    public-holidays: { country: HolidayBase }"),
        [
            "lines.yaml:16:33: no public holidays are known for 'HolidayBase'; known: ABW, AD, AE, AF, AFG, AG,"
            " AGO, AI, …",
        ],
    ),
    (
        "number of two lines",
        changed(
            L,
            "hours:\n  office:",
            "  other: { name: Other, numbers: [200, 100], start: ask }\nhours:\n  office:",
        ),
        [
            "lines.yaml:13:40: the number 100 belongs to the line 'main' already; choose another one",
        ],
    ),
    (
        "number of line and phone",
        changed(P, "number: 701", "number: 100"),
        [
            "people.yaml:10:22: the number 100 belongs to the line 'main' already; choose another one",
        ],
    ),
    (
        "transfer not allowed",
        changed(M, "0501112233", "00881112233"),
        [
            "menus.yaml:10:25: '00881112233' matches none of the center's allowed-numbers; add a pattern for it",
        ],
    ),
    (
        "circle",
        changed(M, "then: main-menu }", "then: again }\n  again: { language: en, then: news }"),
        [
            "menus.yaml:6:3: a circle without a menu, the caller could never act: news → again → news; lead it to a menu or queue",
        ],
    ),
    (
        "two kinds in a step",
        changed(M, "  news: { play: news,", "  news: { play: news, queue: help,"),
        [
            "menus.yaml:6:3: a step does one thing, this one has 'play' and 'queue'; make two steps of it",
        ],
    ),
    (
        "no kind in a step",
        changed(M, "  news: { play: news,", "  news: { pley: news,"),
        [
            "menus.yaml:6:3: this step does nothing; did you mean 'play'?",
        ],
    ),
    (
        "relaxation upwards",
        changed(P, "sales: 2 }", "sales: { level: 2, relax: [{ after: 30 s, level: 4 }] } }"),
        [
            "people.yaml:5:42: a relaxation comes later and asks for less than the one before; put them in order",
        ],
    ),
    (
        "operator means itself",
        changed(L, "operator: ask", "operator: operator"),
        [
            "lines.yaml:12:15: 'operator' cannot mean itself; name the step that leads to a person",
        ],
    ),
    (
        "ten break reasons",
        extra("x.yaml", "break-reasons:\n" + "".join(f"  r{n}: R\n" for n in range(10))),
        [
            "x.yaml:11:3: more than 9 break reasons; the phone code *13N has one digit for them",
        ],
    ),
    (
        "empty value",
        changed(M, "queue: help", "queue:"),
        [
            "menus.yaml:8:5: this has no value; write one, or delete the key",
        ],
    ),
    (
        "group for text",
        changed(M, "queue: help", "queue: { name: help }"),
        [
            "menus.yaml:8:12: a group of keys cannot be a name; use small Latin letters, digits and '-', a letter first, at most 40",
        ],
    ),
    (
        "several mistakes in several files",
        {
            **changed(M, "1: ask", "1: aks"),
            L: SMALL[L].replace("office:", "ofice:").replace("[100]", "[1 00]"),
            P: SMALL[P].replace("ring:", "rign:").replace("[help]", "[]"),
        },
        [
            "lines.yaml:8:15: '1 00' is no telephone number; write up to 15 digits, with '+' in front if need be",
            "lines.yaml:9:12: there are no opening hours 'office'; did you mean 'ofice'?",
            "menus.yaml:4:16: there is no step 'aks'; did you mean 'ask'?",
            "people.yaml:6:5: the key 'rign' is unknown here; did you mean 'ring'?",
            "people.yaml:12:13: this is empty; at least one is needed, found an empty list",
        ],
    ),
    (
        "nobody in the queue (warning)",
        changed(P, "  help:\n", "  lost: { name: Lost }\n  help:\n"),
        [
            "people.yaml:3:3: warning: no operator works in the queue 'lost'; add it to the queues of one",
        ],
    ),
    (
        "nobody skilled (warning)",
        changed(P, "sales: 5", "sales: 1"),
        [
            "people.yaml:5:15: warning: no operator of this queue has the skill 'sales' at level 2; lower it",
        ],
    ),
    (
        "no way to a step (warning)",
        changed(M, "2: news, ", ""),
        [
            "menus.yaml:6:3: warning: no way leads to the step 'news'; let a key or line lead to it, or delete it",
        ],
    ),
    (
        "closed without a word (warning)",
        changed(L, "    if-closed: sorry\n", ""),
        [
            "lines.yaml:9:5: warning: when closed this line only says goodbye; say more with the key 'if-closed'",
            "menus.yaml:11:3: warning: no way leads to the step 'sorry'; let a key or line lead to it, or delete it",
        ],
    ),
]
