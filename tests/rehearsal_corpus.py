"""A corpus of wrong scenario files and of scenarios that fail: every message, word for word, with its place.

All are played with the dialplan of `tests.rehearsal_samples`.
"""

from tests.rehearsal_samples import scenario

E = "expect: { step: main-menu }"

MISTAKES: list[tuple[str, str, list[str]]] = [
    ("no section", "scenario: {}\n", ["0.yaml:1:1: the section 'scenario' is unknown; known: scenarios"]),
    (
        "empty",
        "scenarios:\n",
        ["0.yaml:1:1: the section 'scenarios' is empty or no group; give it scenarios"],
    ),
    ("list", "- a\n", ["0.yaml:1:1: the section 'scenarios' is expected"]),
    (
        "syntax",
        "scenarios: {\n",
        [
            (
                "0.yaml:2:1: not YAML: expected the node content, but found '<stream end>'; look for "
                "a missing ':', quote or bracket, or a wrong indent"
            )
        ],
    ),
    (
        "group",
        "scenarios: { one: 1 }\n",
        ["0.yaml:1:19: a group of keys is expected, indented below, found '1'"],
    ),
    (
        "name",
        scenario([E], name="One"),
        [
            (
                "0.yaml:2:3: 'One' cannot be a name; use small Latin letters, digits and '-', a "
                "letter first, at most 40"
            )
        ],
    ),
    (
        "unknown key",
        scenario([E], "wen: 12:00"),
        ["0.yaml:4:5: the key 'wen' is unknown here; did you mean 'web'?"],
    ),
    (
        "no steps",
        "scenarios: { one: { call: main } }\n",
        [
            (
                "0.yaml:1:19: the key 'steps' is missing; the keys here are call, about, at, closed, "
                "caller, language, speech, switches, draws, web, queues, transfers, promises, steps"
            )
        ],
    ),
    (
        "no call",
        "scenarios: { one: { steps: [silent] } }\n",
        [
            (
                "0.yaml:1:19: the key 'call' is missing; the keys here are call, about, at, closed, "
                "caller, language, speech, switches, draws, web, queues, transfers, promises, steps"
            )
        ],
    ),
    (
        "steps empty",
        "scenarios: { one: { call: main, steps: [] } }\n",
        ["0.yaml:1:40: this is empty; at least one is needed, found an empty list"],
    ),
    (
        "steps word",
        "scenarios: { one: { call: main, steps: silent } }\n",
        ["0.yaml:1:40: a list is expected, like [one, two], found 'silent'"],
    ),
    (
        "unknown line",
        scenario([E], call="mian"),
        ["0.yaml:3:11: there is no line 'mian'; did you mean 'main'?"],
    ),
    (
        "unknown number",
        scenario([E], call="900"),
        ["0.yaml:3:11: there is no line '900'; known: main, second"],
    ),
    (
        "at",
        scenario([E], "at: tomorrow"),
        ["0.yaml:4:9: 'tomorrow' is no moment; write for instance 2026-12-31 23:50"],
    ),
    (
        "at2",
        scenario([E], "at: 2026-02-30 10:00"),
        ["0.yaml:4:9: '2026-02-30 10:00' is no moment; write for instance 2026-12-31 23:50"],
    ),
    (
        "closed",
        scenario([E], "closed: offices"),
        ["0.yaml:4:13: there are no opening hours 'offices'; did you mean 'office'?"],
    ),
    (
        "closed2",
        scenario([E], "closed: { office: true }"),
        ["0.yaml:4:13: write true, or the names of the opening hours that are over"],
    ),
    (
        "caller",
        scenario([E], "caller: Olena"),
        [
            (
                "0.yaml:4:13: 'Olena' is no telephone number; write up to 15 digits, with '+' in "
                "front if need be, or withheld"
            )
        ],
    ),
    (
        "language",
        scenario([E], "language: ru"),
        ["0.yaml:4:15: the line 'main' does not speak 'ru'; it speaks uk, en"],
    ),
    (
        "language2",
        scenario([E], "language: english"),
        [("0.yaml:4:15: 'english' is no language; write its two letters, for instance uk, ru or en")],
    ),
    ("speech", scenario([E], "speech: 1"), ["0.yaml:4:13: true or false is expected, found '1'"]),
    (
        "switch",
        scenario([E], "switches: [strom]"),
        ["0.yaml:4:16: there is no switch 'strom'; did you mean 'storm'?"],
    ),
    (
        "draw step",
        scenario([E], "draws: { shares: out }"),
        ["0.yaml:4:14: no step shares calls out that is called 'shares'; did you mean 'share'?"],
    ),
    (
        "draw target",
        scenario([E], "draws: { share: oout }"),
        ["0.yaml:4:21: 'share' shares no calls out to 'oout'; did you mean 'out'?"],
    ),
    (
        "draw no share",
        scenario([E], "draws: { storm: sorry }"),
        ["0.yaml:4:14: no step shares calls out that is called 'storm'; known: share"],
    ),
    (
        "web step",
        scenario([E], "web: { check-acount: found }"),
        [
            (
                "0.yaml:4:12: no step asks a web service that is called 'check-acount'; did you mean "
                "'check-account'?"
            )
        ],
    ),
    (
        "web go",
        scenario([E], "web: { check-account: fuond }"),
        ["0.yaml:4:27: the step 'check-account' knows no answer 'fuond'; did you mean 'found'?"],
    ),
    (
        "web list",
        scenario([E], "web: { check-account: [found, fuond] }"),
        ["0.yaml:4:35: the step 'check-account' knows no answer 'fuond'; did you mean 'found'?"],
    ),
    (
        "web key",
        scenario([E], "web: { check-account: { goo: found } }"),
        ["0.yaml:4:27: the key 'goo' is unknown here; did you mean 'go'?"],
    ),
    (
        "web down",
        scenario([E], "web: { check-account: { down: true, go: found } }"),
        ["0.yaml:4:45: a service that is down answers nothing; delete the rest, or 'down'"],
    ),
    (
        "web prompt",
        scenario([E], "web: { check-account: { go: found, say: [helo] } }"),
        ["0.yaml:4:46: no step says the prompt 'helo'; did you mean 'hello'?"],
    ),
    (
        "web empty",
        scenario([E], "web: { check-account: [] }"),
        ["0.yaml:4:27: this list is empty; at least one is needed"],
    ),
    (
        "queue",
        scenario([E], "queues: { hepl: full }"),
        ["0.yaml:4:15: there is no queue 'hepl'; did you mean 'help'?"],
    ),
    (
        "queue word",
        scenario([E], "queues: { help: ful }"),
        ["0.yaml:4:21: 'ful' is unknown here; did you mean 'full'?"],
    ),
    (
        "queue key",
        scenario([E], "queues: { help: { end: full } }"),
        ["0.yaml:4:23: the key 'end' is unknown here; did you mean 'ends'?"],
    ),
    (
        "queue never full",
        scenario([E], "queues: { free: full }"),
        ["0.yaml:4:21: the queue 'free' is never full, it has no 'max-waiting'"],
    ),
    (
        "queue never long",
        scenario([E], "queues: { free: waited-too-long }"),
        ["0.yaml:4:21: nobody waits too long in the queue 'free', it has no 'max-wait'"],
    ),
    (
        "queue never nobody",
        scenario([E], "queues: { free: [waits, nobody-logged-in] }"),
        ["0.yaml:4:21: callers stay in the queue 'free': 'leave-if-nobody-logged-in' is false"],
    ),
    (
        "transfer",
        scenario([E], "transfers: { 706: answered }"),
        ["0.yaml:4:18: no step transfers to '706'; known: 0501112233"],
    ),
    (
        "transfer word",
        scenario([E], "transfers: { 0501112233: answer }"),
        ["0.yaml:4:30: 'answer' is unknown here; did you mean 'answered'?"],
    ),
    (
        "step word",
        scenario(["silnt"]),
        ["0.yaml:5:9: 'silnt' is no step of a scenario; did you mean 'silent'?"],
    ),
    (
        "step number",
        scenario(["1"]),
        [
            (
                "0.yaml:5:9: '1' is no step of a scenario; known: expect, hang-up, message, "
                "press, recording-fails, say, silent, speech-busy, …"
            )
        ],
    ),
    (
        "step list",
        scenario(["[press, 1]"]),
        [
            (
                "0.yaml:5:9: a list is no step of a scenario; known: press, type, say, message, silent, "
                "wait, expect, hang-up, too-long, speech-busy, speech-dead, recording-fails"
            )
        ],
    ),
    (
        "step key",
        scenario(["pres: 1"]),
        ["0.yaml:5:9: 'pres' is no step of a scenario; did you mean 'press'?"],
    ),
    (
        "step two",
        scenario(["{ press: 1, type: 2 }"]),
        [("0.yaml:5:9: a step does one thing, this one has 'press' and 'type'; make two steps of it")],
    ),
    (
        "step beside",
        scenario(["{ press: 1, then: 2 }"]),
        ["0.yaml:5:21: the key 'then' is unknown beside 'press'"],
    ),
    (
        "step group",
        scenario(["hang-up: true"]),
        ["0.yaml:5:9: the step 'hang-up' is one word; write '- hang-up'"],
    ),
    (
        "press",
        scenario(["press: 1a"]),
        ['0.yaml:5:16: \'1a\' are no keys of a telephone; the keys are 0 to 9, "*" and "#"'],
    ),
    ("press empty", scenario(["press:"]), ["0.yaml:5:9: this has no value; write one, or delete the key"]),
    (
        "press star",
        scenario(["press: *"]),
        [
            (
                "0.yaml:5:17: not YAML: expected alphabetic or numeric character, but found '\\n'; "
                "look for a missing ':', quote or bracket, or a wrong indent"
            )
        ],
    ),
    (
        "type",
        scenario(["type: 1.5"]),
        ['0.yaml:5:15: \'1.5\' are no keys of a telephone; the keys are 0 to 9, "*" and "#"'],
    ),
    (
        "say sure",
        scenario(["say: { words: новини, sure: 2 }"]),
        ["0.yaml:5:37: '2' is no confidence; write a number from 0 to 1, for instance 0.6"],
    ),
    (
        "silent",
        scenario(["silent: 0"]),
        ["0.yaml:5:17: '0' is no number of silences; write 1 to 50, or always"],
    ),
    (
        "silent2",
        scenario(["silent: often"]),
        ["0.yaml:5:17: 'often' is no number of silences; write 1 to 50, or always"],
    ),
    (
        "wait",
        scenario(["wait: long"]),
        ["0.yaml:5:15: 'long' is no time; write for instance '20 s', '3 min' or '1 h'"],
    ),
    ("wait0", scenario(["wait: 0"]), ["0.yaml:5:15: '0' is out of range; more than 0 s is allowed"]),
    (
        "expect nothing",
        scenario(["expect: {}"]),
        [
            (
                "0.yaml:5:17: nothing is expected; known: hears, words, step, queue, transfer, "
                "voicemail, call-back, ends, language, sent, within"
            )
        ],
    ),
    (
        "expect key",
        scenario(["expect: { hear: hello }"]),
        ["0.yaml:5:19: the key 'hear' is unknown here; did you mean 'hears'?"],
    ),
    (
        "expect step",
        scenario(["expect: { step: mainmenu }"]),
        ["0.yaml:5:25: there is no step 'mainmenu'; did you mean 'main-menu'?"],
    ),
    (
        "expect queue",
        scenario(["expect: { queue: hel }"]),
        ["0.yaml:5:26: there is no queue 'hel'; did you mean 'help'?"],
    ),
    (
        "expect transfer",
        scenario(["expect: { transfer: 706 }"]),
        ["0.yaml:5:29: no step transfers to '706'; known: 0501112233"],
    ),
    (
        "expect prompt",
        scenario(["expect: { hears: [hello, choos] }"]),
        ["0.yaml:5:34: no step says the prompt 'choos'; did you mean 'choose'?"],
    ),
    (
        "expect sent",
        scenario(["expect: { sent: { news: { account: 1 } } }"]),
        ["0.yaml:5:33: no step asks a web service that is called 'news'; known: check-account"],
    ),
    (
        "expect ends",
        scenario(['expect: { ends: "yes" }']),
        ["0.yaml:5:25: true or false is expected, found 'yes'"],
    ),
    (
        "piece kind",
        scenario(["expect: { hears: [{ digit: 1 }] }"]),
        [
            (
                "0.yaml:5:27: a group of keys is nothing that is heard; write a prompt, or a piece "
                "with its value: digits, number, amount, date, time, duration"
            )
        ],
    ),
    (
        "piece value",
        scenario(["expect: { hears: [{ digits: 1x }] }"]),
        ["0.yaml:5:27: '1x' cannot be said as 'digits'; write it as its value is kept"],
    ),
    (
        "piece noun",
        scenario(["expect: { hears: [{ number: 1, of: parcels }] }"]),
        ["0.yaml:5:27: 'parcels' cannot be counted; did you mean 'parcel'?"],
    ),
    (
        "piece key",
        scenario(["expect: { hears: [{ amount: 1, of: UAH }] }"]),
        ["0.yaml:5:27: the key 'of' is unknown beside 'amount'; known: currency"],
    ),
    (
        "piece currency",
        scenario(["expect: { hears: [{ amount: 1, currency: UHA }] }"]),
        ["0.yaml:5:27: the currency 'UHA' is unknown; did you mean 'UAH'?"],
    ),
    (
        "twice",
        scenario(["silent"]) + "  one: { call: main, steps: [silent] }\n",
        ["0.yaml:6:3: the key 'one' is here twice, first in line 2; delete one"],
    ),
]

FAILURES: list[tuple[str, str, list[str]]] = [
    (
        "hears",
        scenario(["expect: { hears: [hello, news] }"]),
        ["0.yaml:5:34: expected to hear 'news' after 'hello'; heard was 'hello', 'choose'"],
    ),
    (
        "hears order",
        scenario(["expect: { hears: [choose, hello] }"]),
        ["0.yaml:5:35: expected to hear 'hello' after 'choose'; heard was 'hello', 'choose'"],
    ),
    (
        "hears since",
        scenario(["expect: { hears: hello }", "press: 2", "expect: { hears: [news, hello, news] }"]),
        [("0.yaml:7:40: expected to hear 'news' after 'hello'; heard was 'news', 'hello', 'choose'")],
    ),
    (
        "piece",
        scenario(
            ["press: 3", "type: 1234", "press: 1", "expect: { hears: [{ amount: 12.50 }] }"],
            "web: { check-account: { go: found, values: { debt: 125.50 } } }",
        ),
        [
            (
                '0.yaml:9:27: expected to hear "дванадцять гривень п\'ятдесят копійок"; heard was '
                "'hello', 'choose', 'account', 'confirm-typed', \"один два, три чотири\", "
                "'confirm-question', 'you-owe', \"сто двадцять п'ять гривень п'ятдесят копійок\", "
                "'hello', 'choose'"
            )
        ],
    ),
    (
        "words",
        scenario(["expect: { words: до побачення }"]),
        ["0.yaml:5:26: expected the words 'до побачення'; heard was: Вітаємо Оберіть"],
    ),
    (
        "words since",
        scenario(["expect: { hears: hello }", "expect: { words: Вітаємо }"]),
        ["0.yaml:6:26: expected the words 'Вітаємо'; heard was: nothing"],
    ),
    (
        "step",
        scenario(["press: 2", "press: 1", "expect: { step: main-menu }"]),
        ["0.yaml:7:25: expected the step 'main-menu', but the caller waits in the queue 'help'"],
    ),
    (
        "queue",
        scenario(["expect: { queue: help }"]),
        ["0.yaml:5:26: expected the queue 'help', but the step 'main-menu' waits for an answer"],
    ),
    (
        "queue other",
        scenario(["press: 1", "expect: { queue: free }"]),
        ["0.yaml:6:26: expected the queue 'free', but the caller waits in the queue 'help'"],
    ),
    (
        "transfer",
        scenario(["press: 1", "expect: { transfer: 0501112233 }"]),
        [("0.yaml:6:29: expected a transfer to '0501112233', but the caller waits in the queue 'help'")],
    ),
    (
        "ends",
        scenario(["press: 1", "expect: { ends: true }"]),
        [
            (
                "0.yaml:6:25: expected that the dialogue has ended the call, but the caller waits in "
                "the queue 'help'"
            )
        ],
    ),
    (
        "ends hung up",
        scenario(["hang-up", "expect: { ends: true }"]),
        [("0.yaml:6:25: expected that the dialogue has ended the call, but the caller has hung up")],
    ),
    (
        "goes on",
        scenario(["expect: { ends: false }"], "closed: true"),
        ["0.yaml:6:25: expected that the call goes on, but it is over"],
    ),
    (
        "language",
        scenario(["expect: { language: en }"]),
        ["0.yaml:5:29: expected the language 'en', it is 'uk'"],
    ),
    (
        "sent",
        scenario(["expect: { sent: { check-account: { account: 1 } } }"]),
        ["0.yaml:5:42: expected that the step 'check-account' asks its web service, it did not"],
    ),
    (
        "sent other",
        scenario(
            [
                "press: 3",
                "type: 1234",
                "press: 1",
                "expect: { sent: { check-account: { account: 12, debt: 1 } } }",
            ],
            "web: { check-account: down }",
        ),
        [
            "0.yaml:9:53: expected account '12' to be sent, sent was '1234'",
            "0.yaml:9:63: expected debt '1' to be sent, it was not sent",
        ],
    ),
    (
        "within",
        scenario(["silent: always", "expect: { queue: help, within: 5 s }"]),
        ["0.yaml:6:40: expected within 5 s, it took 18.0 s"],
    ),
    (
        "several",
        scenario(["expect: { queue: help, language: en, step: news }", "expect: { ends: true }"]),
        [
            "0.yaml:5:52: expected the step 'news', but the step 'main-menu' waits for an answer",
            "0.yaml:5:26: expected the queue 'help', but the step 'main-menu' waits for an answer",
            "0.yaml:5:42: expected the language 'en', it is 'uk'",
        ],
    ),
    (
        "web untold",
        scenario(["press: 3", "type: 1234", "press: 1"]),
        [
            (
                "0.yaml:7:9: the step 'check-account' asks its web service, and the scenario does "
                "not tell the answer; add 'web: { check-account: … }'"
            )
        ],
    ),
    (
        "press over",
        scenario(["silent"], "closed: true"),
        ["0.yaml:6:9: nobody waits for an answer: the call is over"],
    ),
    (
        "press when over",
        scenario(["press: 1"], "closed: true"),
        ["0.yaml:6:9: no key is heeded now: the call is over"],
    ),
    ("hang up twice", scenario(["hang-up", "hang-up"]), ["0.yaml:6:9: the call is over"]),
    (
        "type at menu",
        scenario(["type: 12"]),
        [("0.yaml:5:9: one key is an answer here, not several: the step 'main-menu' waits for an answer")],
    ),
    (
        "type left",
        scenario(["press: 3", "type: 123456"]),
        ["0.yaml:6:9: the number was complete before the last keys; '56' is left over"],
    ),
    (
        "say no speech",
        scenario(["say: новини"], "speech: false"),
        ["0.yaml:6:9: nobody listens to words now: the step 'main-menu' waits for an answer"],
    ),
    (
        "say in queue",
        scenario(["press: 1", "say: новини"]),
        ["0.yaml:6:9: nobody listens to words now: the caller waits in the queue 'help'"],
    ),
    (
        "silent in queue",
        scenario(["press: 1", "silent"]),
        ["0.yaml:6:9: nobody waits for an answer: the caller waits in the queue 'help'"],
    ),
    (
        "wait at menu",
        scenario(["wait: 5 s"]),
        ["0.yaml:5:9: waiting is for queues: the step 'main-menu' waits for an answer"],
    ),
    (
        "busy no speech",
        scenario(["speech-busy"], "speech: false"),
        ["0.yaml:6:9: nobody listens to words now: the step 'main-menu' waits for an answer"],
    ),
    (
        "draws",
        scenario(["expect: { queue: help }"], "draws: { share: out }", call="second"),
        ["0.yaml:6:26: expected the queue 'help', but the number 0501112233 is being called"],
    ),
]
