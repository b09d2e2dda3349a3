"""Whatever the files hold: a dialplan or a list of mistakes, never another exception, never a hang."""

import random
import re
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.dialplan import DialplanErrors, load
from ivr.dialplan.problems import Problem
from ivr.dialplan.schema import SECTIONS
from tests.dialplan_samples import Files, write

SHIPPED = Path(__file__).resolve().parents[2] / "dialplans"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(SHIPPED.glob("*.yaml"))}
LOAD_WITHIN = 20.0
"""Seconds for one folder, on a slow machine; a hang is what it looks for."""

WRITTEN = r"""
null|~|true|no|0|-1|1e999|.inf|.nan|99999999999999999999999|[]|{}|''|"\uD800"|"\U0010FFFF"|"\UFFFFFFFF"
&a|*a|!!binary x|!x y|>|? x|- x|{a: {b: {c: d}}}|[[[[]]]]|2026-02-30|24:61-99:00|00:00-00:00|٣
%TAG ! x|---|...|#|<<: {a: b}|../../etc/passwd|'; DROP TABLE|operator|goodbye|daily|closed|caller-language
"""
ODD = re.split(r"[|\n]", WRITTEN.strip())
ODD += ["|", "\t", "\u2028", "x" * 500, "9" * 5000]

examples = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def try_load(files: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        began = time.monotonic()
        for problem in problems_of(Path(folder)):
            assert_readable(problem)
        assert time.monotonic() - began < LOAD_WITHIN


def problems_of(folder: Path) -> tuple[Problem, ...]:
    try:
        return load(folder).warnings
    except DialplanErrors as errors:
        if not errors.problems:
            raise AssertionError("refused without a reason") from errors
        return errors.problems


def assert_readable(problem: Problem) -> None:
    assert str(problem).encode("utf-8")
    assert "\n" not in str(problem)
    assert problem.spot.line >= 1
    assert problem.spot.column >= 1


@examples
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    try_load({"x.yaml": data})


YAML_LIKE = st.recursive(
    st.sampled_from(ODD) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(st.sampled_from(ODD) | st.text("abz-*1", max_size=4), inner, max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=12,
)


@examples
@given(
    st.dictionaries(
        st.sampled_from([*SECTIONS]),
        YAML_LIKE,
        max_size=8,
    )
)
def test_sections_of_anything(sections: dict[str, str]) -> None:
    try_load(
        {"x.yaml": "\n".join(f"{name}: {text}" for name, text in sections.items()).encode("utf-8", "replace")}
    )


def mutate(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    line = lines[place]
    match chance.randrange(7):
        case 0:
            del lines[place]
        case 1:
            lines.insert(chance.randrange(len(lines)), line)
        case 2:
            lines[place] = line[: chance.randrange(len(line) + 1)] + chance.choice(ODD) + "\n"
        case 3:
            key, colon, _ = line.partition(":")
            lines[place] = f"{key}{colon} {chance.choice(ODD)}\n" if colon else line
        case 4:
            cut = chance.randrange(len(line) + 1)
            lines[place] = line[:cut] + line[cut + 1 :]
        case 5:
            lines[place] = "  " * chance.randrange(3) + line.lstrip()
        case _:
            lines[place] = line.replace(chance.choice(line), chance.choice("{}[]:,&*!|>'\"%@`#-?0a \t"))
    return "".join(lines)


@examples
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_the_shipped_dialplan_after_accidents(chance: random.Random, accidents: int) -> None:
    files: Files = dict(TEXTS)
    for _ in range(accidents):
        name = chance.choice(sorted(TEXTS))
        text = files[name]
        assert isinstance(text, str)
        files[name] = mutate(text, chance) if text else text
    try_load({name: text.encode("utf-8", "replace") for name, text in files.items() if isinstance(text, str)})


COSTLY = {
    "brackets": "a: " + "[" * 100_000,
    "braces": "a: " + "{a: " * 50_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 50_000,
    "chain": "steps:\n" + "".join(f"  s{n}: {{ play: p, then: s{n + 1} }}\n" for n in range(6000)),
    "circle": "steps:\n"
    + "".join(f"  s{n}: {{ language: uk, then: s{(n + 1) % 2900} }}\n" for n in range(2900)),
    "unknown": "steps:\n" + "".join(f"  s{n}: {{ play: p, then: t{n} }}\n" for n in range(6000)),
    "keys": "steps: {" + ", ".join(f"a{n}: b" for n in range(15_000)) + "}",
    "slashes": "x: '" + "\\" * 200_000,
    "block": "x: |\n" + " a\n" * 60_000,
    "bomb": "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "lines": "\n" * 250_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_files_made_to_be_costly(name: str) -> None:
    try_load({"center.yaml": "center: { languages: [uk] }\n", "x.yaml": COSTLY[name]})
