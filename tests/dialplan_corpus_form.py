# ruff: noqa: E501 -- messages stand here on one line, as an admin sees them
"""Dialplans that are not YAML, or whose keys and values are wrong, with every message."""

from tests.dialplan_samples import SMALL, Files, changed, extra

L, M, P = "lines.yaml", "menus.yaml", "people.yaml"

CORPUS: list[tuple[str, Files, list[str]]] = [
    (
        "empty folder",
        {},
        [
            "FOLDER:1:1: no *.yaml file here; copy the shipped dialplans to begin with",
        ],
    ),
    (
        "not UTF-8",
        extra("x.yaml", b"# ok\nname: \xcf\xf0\n"),
        [
            "x.yaml:2:7: the file is not in UTF-8; save it with that encoding",
        ],
    ),
    (
        "UTF-16",
        extra("x.yaml", "a: b".encode("utf-16")),
        [
            "x.yaml:1:1: the file is not in UTF-8; save it with that encoding",
        ],
    ),
    (
        "tab",
        changed(M, "    wait: 5 s", "\twait: 5 s"),
        [
            "menus.yaml:5:1: a tab; indent with spaces",
        ],
    ),
    (
        "missing colon",
        changed(M, "  news: {", "  news {"),
        [
            "menus.yaml:6:26: not YAML: mapping values are not allowed here; look for a missing ':', quote or bracket, or a wrong indent",
        ],
    ),
    (
        "unclosed quote",
        changed(M, '"*": main-menu', '"*: main-menu'),
        [
            "menus.yaml:4:30: not YAML: found unexpected end of stream; look for a missing ':', quote or bracket, or a wrong indent",
        ],
    ),
    (
        "unclosed bracket",
        changed(M, "[hello, choose]", "[hello, choose"),
        [
            "menus.yaml:4:9: not YAML: expected ',' or ']', but got ':'; look for a missing ':', quote or bracket, or a wrong indent",
        ],
    ),
    (
        "star without quotes",
        changed(M, '"*": main-menu', "*: main-menu"),
        [
            'menus.yaml:4:30: a * outside quotes; write the star key as "*"',
        ],
    ),
    (
        "key twice",
        changed(M, "2: news", "1: news"),
        [
            "menus.yaml:4:21: the key '1' is here twice, first in line 4; delete one",
        ],
    ),
    (
        "entry twice in two files",
        extra("more.yaml", "steps:\n  news: { play: news, then: ask }\n"),
        [
            "more.yaml:2:3: 'news' is in steps twice, first in menus.yaml:6; delete or rename one",
        ],
    ),
    (
        "anchor",
        changed(M, "[hello, choose]", "&x [hello, choose]"),
        [
            "menus.yaml:3:11: an & outside quotes; anchors are not used here, refer to things by their names",
        ],
    ),
    (
        "tag",
        changed(M, "[hello, choose]", "!!python/name:os.system x"),
        [
            "menus.yaml:3:11: the tag 'tag:yaml.org,2002:python/name:os.system'; tags are not used here",
        ],
    ),
    (
        "second document",
        extra("x.yaml", "skills: { a: A }\n---\nskills: { b: B }\n"),
        [
            "x.yaml:2:1: a second document after '---'; put it into a file of its own",
        ],
    ),
    (
        "too deep",
        extra("x.yaml", "skills: " + "[" * 30),
        [
            "x.yaml:1:28: nested deeper than 20 levels; look for a wrong indent or bracket",
        ],
    ),
    (
        "too large",
        extra("x.yaml", "# " + "x" * 300000),
        [
            "x.yaml:1:1: the file is larger than 256 KB; split it into several files",
        ],
    ),
    (
        "control character",
        extra("x.yaml", b"a: \x07\n"),
        [
            "x.yaml:1:4: a control character; delete it",
        ],
    ),
    (
        "a list at the top",
        extra("x.yaml", "- a\n- b\n"),
        [
            "x.yaml:1:1: a section is expected; known: break-reasons, center, departments, hours, lines, operators, queues, skills, …",
        ],
    ),
    (
        "unknown section",
        extra("x.yaml", "menues: { a: { menu: b } }\n"),
        [
            "x.yaml:1:1: the section 'menues' is unknown; did you mean 'queues'?",
        ],
    ),
    (
        "empty section",
        extra("x.yaml", "hours:\n"),
        [
            "x.yaml:1:1: the section 'hours' is empty or no group; give it entries, indented",
        ],
    ),
    (
        "no center",
        {**SMALL, L: SMALL[L][SMALL[L].index("lines:") :]},
        [
            "FOLDER:1:1: the section 'center' is missing; it names at least the languages",
        ],
    ),
    (
        "no line",
        {**SMALL, L: SMALL[L][: SMALL[L].index("lines:")] + SMALL[L][SMALL[L].index("hours:\n") :]},
        [
            "lines.yaml:2:3: no line in any file; add a section 'lines' with at least one",
        ],
    ),
    (
        "unknown key",
        changed(M, "    wait: 5 s", "    wiat: 5 s"),
        [
            "menus.yaml:5:5: the key 'wiat' is unknown here; did you mean 'wait'?",
        ],
    ),
    (
        "unknown key deep",
        changed(P, "kind: linphone", "knd: linphone"),
        [
            "people.yaml:10:27: the key 'knd' is unknown here; did you mean 'kind'?",
        ],
    ),
    (
        "missing keys",
        changed(L, "    name: Main line\n    numbers: [100]\n", ""),
        [
            "lines.yaml:7:5: the key 'name' is missing; the keys here are name, numbers, start, languages, hours, if-closed, operator, otherwise, if-language-known, language-key, limits",
            "lines.yaml:7:5: the key 'numbers' is missing; the keys here are name, numbers, start, languages, hours, if-closed, operator, otherwise, if-language-known, language-key, limits",
        ],
    ),
    (
        "wrong kind of phone",
        changed(P, "linphone", "linfone"),
        [
            "people.yaml:10:33: 'linfone' is unknown here; did you mean 'linphone'?",
        ],
    ),
    (
        "text for number",
        changed(P, "sales: 5", "sales: five"),
        [
            "people.yaml:11:30: a whole number is expected, found 'five'",
        ],
    ),
    (
        "level too high",
        changed(P, "sales: 5", "sales: 50"),
        [
            "people.yaml:11:30: '50' is out of range; at most 10 is allowed",
        ],
    ),
    (
        "ring too long",
        changed(P, "15 s", "5 min"),
        [
            "people.yaml:6:11: '5 min' is out of range; at most 2 min is allowed",
        ],
    ),
    (
        "ring too short",
        changed(P, "15 s", "1 s"),
        [
            "people.yaml:6:11: '1 s' is out of range; at least 3 s is allowed",
        ],
    ),
    (
        "bad duration",
        changed(P, "15 s", "15 sec"),
        [
            "people.yaml:6:11: '15 sec' is no time; write for instance '20 s', '3 min' or '1 h'",
        ],
    ),
    (
        "bad number",
        changed(L, "[100]", "[main]"),
        [
            "lines.yaml:8:15: 'main' is no telephone number; write up to 15 digits, with '+' in front if need be",
        ],
    ),
    (
        "bad key",
        changed(M, "2: news", "22: news"),
        [
            'menus.yaml:4:21: \'22\' is no key of a telephone; the keys are 0 to 9, "*" and "#"',
        ],
    ),
]
