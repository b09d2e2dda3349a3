# ruff: noqa: E501 -- messages stand here on one line, as an admin sees them
"""Dialplans with mistakes in phrases, questions, pieces and web services, with every message."""

from tests.dialplan_samples import Files, changed, extra

MENU = '    keys: { 1: ask, 2: news, "*": main-menu }\n'
ASK = "  q: { ask: news, for: digits, name: account, length: 8, then: main-menu }\n"
L, M = "lines.yaml", "menus.yaml"


def menu(more: str) -> Files:
    """The small dialplan with more keys of its menu."""
    return changed(M, MENU, MENU + more)


CORPUS: list[tuple[str, Files, list[str]]] = [
    (
        "phrase for no step",
        menu("    phrases: { newz: { uk: новини } }\n"),
        [
            "menus.yaml:5:22: there is no step 'newz'; did you mean 'news'?",
        ],
    ),
    (
        "phrase in no language of the center",
        menu("    phrases: { news: { ru: новости } }\n"),
        [
            "menus.yaml:5:24: the language 'ru' is not among the center's languages; known: en, uk",
        ],
    ),
    (
        "phrase that is no words",
        menu("    phrases: { news: { uk: [новини, 'номер 5'] } }\n"),
        [
            "menus.yaml:5:37: 'номер 5' is no phrase; write words as callers say them, numbers in letters",
        ],
    ),
    (
        "one phrase for two steps",
        menu("    phrases: { news: { uk: новини }, ask: { uk: [людина, Новини] } }\n"),
        [
            "menus.yaml:5:58: 'новини' leads to 'news' already; change one of them",
        ],
    ),
    (
        "phrases that sound alike",
        menu("    phrases: { news: { uk: [посилки] }, ask: { uk: посилка } }\n"),
        [
            "menus.yaml:5:52: warning: 'посилка' is much like 'посилки', which leads to 'news'; choose another word",
        ],
    ),
    (
        "misspelt key of a menu",
        menu("    if-not-understod: ask\n"),
        [
            "menus.yaml:5:5: the key 'if-not-understod' is unknown here; did you mean 'if-not-understood'?",
        ],
    ),
    (
        "misspelt miss",
        menu("    say-again: { silnt: news }\n"),
        [
            "menus.yaml:5:18: 'silnt' is unknown here; did you mean 'silent'?",
        ],
    ),
    (
        "no prompt in say-again",
        menu("    say-again: { silent: [] }\n"),
        [
            "menus.yaml:5:26: this is empty; at least one is needed, found an empty list",
        ],
    ),
    (
        "confidence out of range",
        menu("    sure: 60\n"),
        [
            "menus.yaml:5:11: '60' is no confidence; write a number from 0 to 1, for instance 0.6",
        ],
    ),
    (
        "question without its kind",
        extra("q.yaml", "steps:\n  q: { ask: news, name: account, then: main-menu }\n"),
        [
            "q.yaml:2:6: the key 'for' is missing; the keys here are tries, sure, if-silent, if-wrong-key, if-not-understood, if-unsure, if-too-long, if-speech-busy, if-speech-dead, say-again, ask, for, name, length, pattern, between, confirm, wait, pause, longest, end-after, then, if-yes, if-no",
        ],
    ),
    (
        "question of an unknown kind",
        extra("q.yaml", "steps:\n  q: { ask: news, for: digit, name: account, then: main-menu }\n"),
        [
            "q.yaml:2:24: 'digit' is unknown here; did you mean 'digits'?",
        ],
    ),
    (
        "question without a name",
        extra("q.yaml", "steps:\n  q: { ask: news, for: digits, then: main-menu }\n"),
        [
            "q.yaml:2:3: a question for digits needs the key 'name', for its answer",
        ],
    ),
    (
        "yes or no with one way",
        extra("q.yaml", "steps:\n  q: { ask: news, for: yes-no, then: main-menu }\n"),
        [
            "q.yaml:2:3: a question for yes-no needs the key 'if-no'",
            "q.yaml:2:3: a question for yes-no needs the key 'if-yes'",
            "q.yaml:2:32: a question for yes-no has no 'then'; delete it",
        ],
    ),
    (
        "length of a date",
        extra("q.yaml", "steps:\n  q: { ask: news, for: date, name: day, length: 8, then: main-menu }\n"),
        [
            "q.yaml:2:41: a question for date has no 'length'; delete it",
        ],
    ),
    (
        "length and pattern",
        extra(
            "q.yaml",
            "steps:\n  q: { ask: news, for: digits, name: a, length: 8, pattern: 0XX, then: main-menu }\n",
        ),
        [
            "q.yaml:2:52: write either 'length' or 'pattern', not both",
        ],
    ),
    (
        "no length",
        extra("q.yaml", "steps:\n  q: { ask: news, for: digits, name: a, length: 8-5, then: main-menu }\n"),
        [
            "q.yaml:2:49: '8-5' is no length; write how many digits, for instance 8 or 5-8, at most 30",
        ],
    ),
    (
        "a plus that nobody can type",
        extra(
            "q.yaml", "steps:\n  q: { ask: news, for: digits, name: a, pattern: +38XX, then: main-menu }\n"
        ),
        [
            "q.yaml:2:50: callers cannot type '+'; write digits, and X for any digit",
        ],
    ),
    (
        "value that nobody asks for",
        extra("q.yaml", "steps:\n" + ASK + "  p: { play: [news, { digits: acount }], then: main-menu }\n"),
        [
            "q.yaml:3:21: no question asks for the value 'acount'; did you mean 'account'?",
        ],
    ),
    (
        "piece without a kind",
        extra("q.yaml", "steps:\n" + ASK + "  p: { play: [{ digit: account }], then: main-menu }\n"),
        [
            "q.yaml:3:15: say one of digits, number, amount, date, time, duration with the name of a value: { digits: account }",
        ],
    ),
    (
        "piece of a thing that cannot be counted",
        extra(
            "q.yaml",
            "steps:\n" + ASK + "  p: { play: [{ number: account, of: parcels }], then: main-menu }\n",
        ),
        [
            "q.yaml:3:15: 'parcels' cannot be counted; did you mean 'parcel'?",
        ],
    ),
    (
        "unknown currency",
        extra(
            "q.yaml",
            "steps:\n" + ASK + "  p: { play: [{ amount: account, currency: PLN }], then: main-menu }\n",
        ),
        [
            "q.yaml:3:15: the currency 'PLN' is unknown; known: EUR, RUB, UAH, USD",
        ],
    ),
    (
        "no web address",
        extra("q.yaml", "steps:\n  w: { web: example.org/x, if-failed: ask }\n"),
        [
            "q.yaml:2:13: 'example.org/x' is no web address; write https://host/path, or /path below the center's web-address",
        ],
    ),
    (
        "web path without the center's address",
        extra("q.yaml", "steps:\n  w: { web: /x, if-failed: ask }\n"),
        [
            "q.yaml:2:13: the center has no web-address to put before this; write it whole",
        ],
    ),
    (
        "web step without a way out",
        extra("q.yaml", "steps:\n  w: { web: http://127.0.0.1/x }\n"),
        [
            "q.yaml:2:6: the key 'if-failed' is missing; the keys here are web, send, say, deadline, tries, answers, then, if-failed",
        ],
    ),
    (
        "circle through a web service",
        extra("q.yaml", "steps:\n  w: { web: http://127.0.0.1/x, answers: { again: w }, if-failed: ask }\n"),
        [
            "q.yaml:2:3: a circle without a menu, the caller could never act: w → w; lead it to a menu or queue",
        ],
    ),
    (
        "language key that is none",
        changed(
            L, "  allowed-numbers: [0XXXXXXXXX]\n", "  allowed-numbers: [0XXXXXXXXX]\n  language-key: A\n"
        ),
        [
            'lines.yaml:5:17: \'A\' is no key of a telephone; the keys are 0 to 9, "*" and "#"',
        ],
    ),
    (
        "rule without a condition",
        extra("q.yaml", "steps:\n  c: { choose: [{ then: ask }], otherwise: main-menu }\n"),
        [
            "q.yaml:2:17: a rule asks for one of: caller, value, hours, waiting, wait, nobody-in, switch, language, share",
        ],
    ),
    (
        "rule that joins a share with something else",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ share: 20, hours: office, then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:2:17: 'share' stands alone, here with 'hours'; share the calls out in a step of its own",
        ],
    ),
    (
        "rule with a key that none of its conditions has",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ hours: office, language: en, is: x, then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:2:17: 'is' does not belong to 'hours' and 'language'; delete it",
        ],
    ),
    (
        "rule of two conditions that lacks a key of one",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ language: en, waiting: help, then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:2:17: a rule for 'waiting' needs the key 'more-than'",
        ],
    ),
    (
        "rule with a strange key",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ hours: office, more-than: 3, then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:2:17: 'more-than' does not belong to 'hours'; delete it",
        ],
    ),
    (
        "rule that lacks its measure",
        extra("q.yaml", "steps:\n  c: { choose: [{ waiting: help, then: ask }], otherwise: main-menu }\n"),
        [
            "q.yaml:2:17: a rule for 'waiting' needs the key 'more-than'",
        ],
    ),
    (
        "rule for a value without its text",
        extra(
            "q.yaml",
            "steps:\n" + ASK + "  c: { choose: [{ value: account, then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:3:17: a rule for a value needs 'is', or 'from' and 'to', or one of them",
        ],
    ),
    (
        "rule for a value that nobody gives",
        extra(
            "q.yaml",
            "steps:\n"
            + ASK
            + "  c: { choose: [{ value: acount, is: '1', then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:3:26: no question asks for the value 'acount'; did you mean 'account'?",
        ],
    ),
    (
        "unknown names in rules",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ hours: offise, then: ask }, { nobody-in: halp, then: ask }, { switch: outage, then: ask }, { language: ru, then: ask }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:2:26: there are no opening hours 'offise'; did you mean 'office'?",
            "q.yaml:2:60: there is no queue 'halp'; did you mean 'help'?",
            "q.yaml:2:89: there is no switch 'outage'",
            "q.yaml:2:122: the language 'ru' is not among the center's languages; known: en, uk",
        ],
    ),
    (
        "more than all calls",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ share: 60, then: ask }, { share: 50, then: news }], otherwise: main-menu }\n",
        ),
        [
            "q.yaml:2:52: the shares up to here make 110 of 100; let them make at most 100",
        ],
    ),
    (
        "circle of rules",
        extra(
            "q.yaml",
            "steps:\n  c: { choose: [{ share: 60, then: ask }], otherwise: d }\n  d: { set: { a: b }, then: c }\n",
        ),
        [
            "q.yaml:2:3: a circle without a menu, the caller could never act: c → d → c; lead it to a menu or queue",
        ],
    ),
]
