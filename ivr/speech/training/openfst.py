"""OpenFst's command line tools (Debian: libfst-tools, libfst22-plugins-base)."""

import os
import subprocess
from pathlib import Path


class NoOpenFst(Exception):
    """A tool is missing or fails."""


def compile_lookahead(text: str, work: Path, target: Path) -> dict[int, int]:
    """`text` as a graph whose outputs may be looked ahead at; returns the new number of each output."""
    (work / "graph.txt").write_text(text, encoding="ascii")
    _run("fstcompile", work / "graph.txt", work / "graph.fst")
    _run("fstarcsort", "--sort_type=olabel", work / "graph.fst", work / "sorted.fst")
    pairs = work / "pairs.txt"
    _run(
        "fstconvert",
        "--fst_type=olabel_lookahead",
        f"--save_relabel_opairs={pairs}",
        work / "sorted.fst",
        target,
    )
    lines = pairs.read_text(encoding="ascii").splitlines()
    return {int(old): int(new) for old, new in (line.split() for line in lines)}


def compile_acceptor(text: str, work: Path, target: Path) -> None:
    """`text` as a language model."""
    (work / "acceptor.txt").write_text(text, encoding="ascii")
    _run("fstcompile", "--fst_type=const", work / "acceptor.txt", target)


def _run(*command: str | Path) -> None:
    plugins = ":".join(str(folder) for folder in sorted(Path("/usr/lib").glob("*/fst/*")))
    try:
        subprocess.run(
            list(command),
            env={**os.environ, "LD_LIBRARY_PATH": plugins},
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise NoOpenFst(
            f"{command[0]} is not installed (Debian: libfst-tools, libfst22-plugins-base)"
        ) from error
    except subprocess.CalledProcessError as error:
        raise NoOpenFst(f"{command[0]}: {error.stderr.strip().splitlines()[-1]}") from error
