# ruff: noqa: E501 -- messages stand here on one line, as an admin sees them
"""Dialplans whose messages and call-backs nobody could keep, with every message."""

from tests.dialplan_samples import Files, changed, extra

M, P = "menus.yaml", "people.yaml"


def behind_key_3(step: str) -> Files:
    """A step `promise`, on the third line of x.yaml, which a key leads to."""
    return {
        **changed(M, '"*": main-menu', '3: promise, "*": main-menu'),
        "x.yaml": f"steps:\n  promise:\n    {step}\n",
    }


def queue_with(rules: str) -> Files:
    return changed(P, "    ring: 15 s\n", f"    {rules}\n")


CORPUS: list[tuple[str, Files, list[str]]] = [
    (
        "voicemail of no queue",
        behind_key_3("voicemail: halp"),
        ["x.yaml:3:16: there is no queue 'halp'; did you mean 'help'?"],
    ),
    (
        "call-back of no queue",
        behind_key_3("call-back: halp"),
        ["x.yaml:3:16: there is no queue 'halp'; did you mean 'help'?"],
    ),
    (
        "messages nobody hears",
        {**behind_key_3("voicemail: night"), "y.yaml": "queues:\n  night: { name: Night }\n"},
        [
            "x.yaml:3:16: nobody would hear the messages: no operator works in the queue 'night'; add it to the queues of one"
        ],
    ),
    (
        "call-backs nobody makes",
        {**behind_key_3("call-back: night"), "y.yaml": "queues:\n  night: { name: Night }\n"},
        [
            "x.yaml:3:16: nobody would call back: no operator works in the queue 'night'; add it to the queues of one"
        ],
    ),
    (
        "no number may be called",
        {
            **behind_key_3("call-back: help"),
            "lines.yaml": changed("lines.yaml", "  allowed-numbers: [0XXXXXXXXX]\n", "")["lines.yaml"],
        },
        [
            "menus.yaml:10:25: '0501112233' matches none of the center's allowed-numbers; add a pattern for it",
            "x.yaml:3:16: no number may be called back; add 'allowed-numbers' to center, for instance [0XXXXXXXXX]",
        ],
    ),
    (
        "two forms of a number",
        behind_key_3("{ call-back: help, length: 10, pattern: 0XXXXXXXXX }"),
        ["x.yaml:3:36: write either 'length' or 'pattern', not both"],
    ),
    (
        "a form of no number",
        behind_key_3("{ call-back: help, other-number: false, length: 10 }"),
        [
            "x.yaml:3:45: 'length' is for another number, which 'other-number: false' forbids; delete one of them"
        ],
    ),
    (
        "a plus to be typed",
        behind_key_3("{ call-back: help, pattern: +380XXXXXXXXX }"),
        ["x.yaml:3:33: callers cannot type '+'; write digits, and X for any digit"],
    ),
    (
        "a number nobody gave",
        behind_key_3("{ call-back: help, number: phone }"),
        ["x.yaml:3:32: no question asks for the value 'phone'"],
    ),
    (
        "too short for its limit",
        behind_key_3("{ voicemail: help, longest: 5 s, shortest: 6 s }"),
        ["x.yaml:3:48: every message would be too short; make it less than 'longest'"],
    ),
    (
        "a step after a message",
        behind_key_3("{ voicemail: help, then: gone, if-empty: sorry }"),
        [
            "x.yaml:3:30: there is no step 'gone'; known: ask, call-out, goodbye, main-menu, news, operator, promise, sorry"
        ],
    ),
    (
        "edges of a call-back",
        behind_key_3("{ call-back: help, if-refused: nowhere, if-silent: nobody }"),
        [
            "x.yaml:3:36: there is no step 'nowhere'; known: ask, call-out, goodbye, main-menu, news, operator, promise, sorry",
            "x.yaml:3:56: there is no step 'nobody'; did you mean 'goodbye'?",
        ],
    ),
    (
        "a key of menus",
        behind_key_3("{ voicemail: help, if-silent: sorry }"),
        ["x.yaml:3:24: the key 'if-silent' is unknown here; did you mean 'if-failed'?"],
    ),
    (
        "a queue or a message",
        behind_key_3("{ voicemail: help, queue: help }"),
        ["x.yaml:2:3: a step does one thing, this one has 'voicemail' and 'queue'; make two steps of it"],
    ),
    (
        "unknown hours of call-backs",
        queue_with("call-back: { hours: ofice }"),
        ["people.yaml:6:25: there are no opening hours 'ofice'; did you mean 'office'?"],
    ),
    (
        "unknown hours of messages",
        queue_with("work: { hours: ofice }"),
        ["people.yaml:6:20: there are no opening hours 'ofice'; did you mean 'office'?"],
    ),
    (
        "always quiet",
        queue_with("call-back: { quiet-hours: 00:00-24:00 }"),
        [
            "people.yaml:6:31: nobody could ever be called back: the quiet hours leave no time of the week; change one"
        ],
    ),
    (
        "quiet all day long",
        queue_with("call-back: { hours: office, quiet-hours: 07:00-20:00 }"),
        [
            "people.yaml:6:25: nobody could ever be called back: the quiet hours leave no time of the week; change one"
        ],
    ),
    (
        "quiet hours in a list",
        queue_with("call-back: { quiet-hours: [21:00-08:00, 12:00-13:00] }"),
        ["people.yaml:6:31: quiet hours are one period, for instance 21:00-08:00, or none"],
    ),
    (
        "an unknown mode",
        queue_with("call-back: { mode: customer }"),
        ["people.yaml:6:24: 'customer' is unknown here; did you mean 'customer-first'?"],
    ),
    (
        "keys of another mode",
        queue_with("call-back: { mode: customer-first, preview: 5 s }"),
        [
            "people.yaml:6:40: warning: 'preview' has no effect with 'mode: customer-first'; delete it or change the mode"
        ],
    ),
    (
        "an unknown reason to retry",
        queue_with("call-back: { retry-after: { answered: 5 min } }"),
        ["people.yaml:6:33: the key 'answered' is unknown here; did you mean 'no-answer'?"],
    ),
    (
        "no pause at all",
        queue_with("call-back: { retry-after: { busy: 1 s } }"),
        ["people.yaml:6:39: '1 s' is out of range; at least 10 s is allowed"],
    ),
    (
        "urgent before it came",
        queue_with("work: { answer-within: 1 h, urgent: 2 h }"),
        [
            "people.yaml:6:41: 'urgent' is longer than 'answer-within', so all would be urgent at once; make it shorter"
        ],
    ),
    (
        "a share of nothing",
        queue_with("work: { share: 0 }"),
        ["people.yaml:6:20: '0' is out of range; at least 1 is allowed"],
    ),
    (
        "kept for no day",
        queue_with("messages-kept: 0"),
        ["people.yaml:6:20: '0' is out of range; at least 1 is allowed"],
    ),
    (
        "ten topics",
        extra("x.yaml", "topics:\n" + "".join(f"  t{n}: T\n" for n in range(10))),
        ["x.yaml:11:3: more than 9 topics; an operator chooses one by a key from 1 to 9"],
    ),
    (
        "ten departments",
        extra("x.yaml", "departments:\n" + "".join(f"  d{n}: D\n" for n in range(10))),
        ["x.yaml:11:3: more than 9 departments; an operator chooses one by a key from 1 to 9"],
    ),
]
