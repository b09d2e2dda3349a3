"""`dzvin test`: form, types, layers, then all tests but the benchmarks; each runs, whatever failed before."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ivr.config import PROJECT
from ivr.errors import Plain


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    failed: bool
    took_for: float


PURE = ("tests/unit", "tests/property")
"""They share nothing and wait for nothing: as many at once as there are cores."""
PARTS = ("tests/adapters", "tests/contract")
"""Each with real servers and ports of its own, and mostly waiting for them: two at once."""
STEPS = (
    Step("form", ("ruff", "format", "--check", ".")),
    Step("style", ("ruff", "check", ".")),
    Step("types", ("mypy",)),
    Step("layers", ("lint-imports",)),
    Step("pure tests", ("pytest", *PURE, "--numprocesses=auto", "--dist=worksteal", "--durations=5")),
    Step("parts", ("pytest", *PARTS, "--numprocesses=2", "--dist=worksteal", "--durations=10")),
    # whole calls need the machine for themselves: what people hear is measured
    Step("calls", ("pytest", "tests/calls", "--durations=10")),
)


def run_tests(args: Sequence[str]) -> int:
    """0 if all is well, else 1. `args` go to pytest, and then only pytest runs (e.g. tests/unit -k menu).

    Plain: the tests' own packages are not installed.
    """
    tools = Path(sys.executable).parent
    if not (tools / "pytest").exists():
        raise Plain("The tests' packages are not installed; start them as ./dzvin test.")
    steps = (Step("tests", ("pytest", *args)),) if args else STEPS
    results = [_run(step, tools) for step in steps]
    _print(results)
    return 1 if any(result.failed for result in results) else 0


def _run(step: Step, tools: Path) -> Result:
    print(f"\n== {step.name}: {' '.join(step.command)}", flush=True)
    began = time.monotonic()
    environment = os.environ | {"PATH": f"{tools}:{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"}
    line = [str(tools / step.command[0]), *step.command[1:]]
    ended = subprocess.run(line, cwd=PROJECT, env=environment, check=False)
    return Result(step.name, ended.returncode != 0, time.monotonic() - began)


def _print(results: Sequence[Result]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("step", "result", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for result in results:
        table.add_row(result.name, "FAILED" if result.failed else "passed", f"{result.took_for:.1f}")
    print()
    Console().print(table)
