"""A newcomer's walk, timed: clone, `./dzvin run`, the README's first change, and the new words on the phone.

    .dzvin/venv/bin/python -m tests.benchmarks.newcomers_walk --suite bookworm --out tests/benchmarks/results

As root. The project's committed state is cloned and `./dzvin run` started, on free ports, in a bare Debian
made with debootstrap (not measured), or without `--suite` on this machine, in a folder and a HOME of its own:
then system packages are there already, and everything below `.dzvin` is made. While it runs the steps of
"Your first change" in dialplans/README.md are done as written there; that each is still written there is
checked. The recordings are tones, one for each language. Last a softphone dials 100, presses 1 and 4, and
must hear the Ukrainian one and no other. A person's typing and speaking are not in the seconds; how much
there is to type is counted.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
import wave
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.softphone.ear import tone_for
from ivr.softphone.phone import Kind, Softphone
from tests import sound
from tests.benchmarks.bare_machine import (
    CLONE,
    PROJECT,
    SOURCE,
    BareMachine,
    Machine,
    enter_namespaces,
    remove,
    said,
)
from tests.benchmarks.from_nothing import (
    SET_UP_WITHIN,
    NotShown,
    Step,
    Watch,
    dzvin_run,
    free_ports,
    this_machine,
)
from tests.eventually import eventually

HERE = "here"
KEY = "4: news"
STEP = "news: { play: news, then: main-menu }"
TEXTS = """\
news:
  uk: "Новини: наше відділення на Ринковій переїхало."
  ru: "Новости: наше отделение на Рыночной переехало."
  en: "News: our branch in Market Street has moved to number five."
"""
BUILD, CHECK = ("./dzvin", "prompts", "build"), ("./dzvin", "check")
PUBLISH = ("./dzvin", "publish", "--why", "callers hear the news")
TONES = {"uk": 1500.0, "ru": 1900.0, "en": 2300.0}
"""Hertz: three recordings that no other prompt is taken for."""
RECORDED_FOR, RECORDED_HZ = 3.0, 44100
LINE, LANGUAGE, KEY_OF_LANGUAGE, KEY_OF_NEWS = "100", "uk", "1", "4"
MENU_FOR, HEARD_FOR = 1.0, 2.0
WORDS_PER_MINUTE, CHARACTERS_OF_A_WORD = 20, 5
"""A slow typist; typing is counted in words of five characters."""


@dataclass
class Walk:
    where: str
    """A Debian suite, or 'here'."""
    made_at: str
    machine: str
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    """By the clock, from the beginning of the clone; a little more than the sum of the steps."""
    words_to_type: int = 0
    load: float = 0.0
    """Load average when the news is heard."""


class ThisMachine:
    """A clone in `folder` here; `settings`: DZVIN_… variables. HOME is empty: no cache of packages helps."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.clone = folder / "dzvin"
        home = folder / "home"
        home.mkdir()
        own = {name: text for name, text in os.environ.items() if not name.startswith(("DZVIN_", "XDG_"))}
        own |= {"HOME": str(home), **settings}
        self._entering = ["env", "-i", *(f"{name}={text}" for name, text in own.items())]

    def command(self, *words: str) -> list[str]:
        return [*self._entering, "env", f"--chdir={self.clone}", *words]

    def said(self, *words: str) -> str:
        return said(*self.command(*words))


def clone(where: str, folder: Path) -> tuple[Machine, Path]:
    """Where the commands run, and the clone as a folder of this machine. BareMachineError."""
    if where == HERE:
        here = ThisMachine(folder, free_ports())
        said("git", "clone", "--quiet", f"file://{PROJECT}", str(here.clone))
        return here, here.clone
    machine = BareMachine(folder / "root", free_ports())
    machine.said("git", "clone", "--quiet", f"file://{SOURCE}", CLONE, folder="/")
    return machine, machine.root / CLONE.lstrip("/")


def prepare(where: str, folder: Path) -> None:
    """The bare Debian; nothing on this machine."""
    if where != HERE:
        machine = BareMachine(folder / "root")
        machine.make(where)
        machine.mount()


def is_written(clone: Path) -> None:
    """NotShown: the README's steps are not those that are done here."""
    readme = (clone / "dialplans" / "README.md").read_text(encoding="utf-8")
    steps = readme.partition("## Your first change")[2].partition("**An editor that helps.**")[0]
    publish = f'{" ".join(PUBLISH[:-1])} "{PUBLISH[-1]}"'
    files = (f"prompts/{language}/news.wav" for language in TONES)
    for written in (f"`{KEY}`", f"`{STEP}`", TEXTS, *files, " ".join(BUILD), " ".join(CHECK), publish):
        if written not in steps:
            raise NotShown(f'dialplans/README.md, "Your first change", says no longer: {written}')


def edit(clone: Path) -> None:
    """Steps 1 to 3: a key, a step, the words."""
    menus = clone / "dialplans" / "menus.yaml"
    text = menus.read_text(encoding="utf-8")
    changed = re.sub(
        r"(\n  main-menu:\n(?:    .*\n)*?    keys:\n)((?: {4}.*\n)*)", rf"\1      {KEY}\n\2\n  {STEP}\n", text
    )
    if changed == text:
        raise NotShown(f"{menus} has no main-menu with keys")
    menus.write_text(changed, encoding="utf-8")
    with (clone / "prompts" / "texts.yaml").open("a", encoding="utf-8") as texts:
        texts.write(f"\n{TEXTS}")


def record(clone: Path) -> None:
    """As a computer's microphone would: 44.1 kHz, two channels, not so loud."""
    at = np.arange(round(RECORDED_FOR * RECORDED_HZ)) / RECORDED_HZ
    for language, hz in TONES.items():
        one = np.round(3000 * np.sin(2 * np.pi * hz * at)).astype("<i2")
        with wave.open(str(clone / "prompts" / language / "news.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RECORDED_HZ)
            file.writeframes(np.repeat(one, 2).tobytes())


def change(machine: Machine, clone: Path, console: Console) -> list[Step]:
    """Steps 1 to 6; NotShown, BareMachineError with what a command said."""
    watch = Watch()
    edit(clone)
    record(clone)
    watch.step("a key, a step and a text are written, three recordings put in place (typing not counted)")
    for words in (BUILD, CHECK):
        _show_said(machine.said(*words), console)
        watch.step(" ".join(words))
    done = machine.said(*PUBLISH, "--yes")
    _show_said(done, console)
    if "main-menu: key 4 is new and goes to news" not in " ".join(done.split()):
        raise NotShown(f"dzvin publish did not tell the new key: {done}")
    watch.step("./dzvin publish, new calls go by it")
    return watch.steps


def _show_said(text: str, console: Console) -> None:
    for line in text.rstrip().splitlines():
        console.print(f"  | {line}", style="dim", markup=False, highlight=False, soft_wrap=True)


async def hear_it(info: dict[str, Any], folder: Path) -> list[Step]:
    """Step 7; TimeoutError, NotShown when it is not the Ukrainian recording that is heard."""
    account, watch = info["callers"][0], Watch()
    phone = Softphone(account["phone"], account["password"], info["sip"]["port"], folder, tone_hz=None)
    async with phone:
        await phone.register()
        watch.step("a softphone starts and registers")
        await phone.dial(LINE)
        await phone.wait_for(Kind.ESTABLISHED)
        for key in (KEY_OF_LANGUAGE, KEY_OF_NEWS):
            until = _heard_so_far(phone) + MENU_FOR
            await eventually(partial(_has_heard, phone, until), 20, "a menu is heard")
            await phone.press(key)
        watch.step(f"it dials {LINE}, hears a menu, presses 1, hears a menu, presses 4")
        await eventually(
            lambda: sound.heard_for(phone.heard(), TONES[LANGUAGE]) >= HEARD_FOR, 20, "the news is heard"
        )
        watch.step(f"it hears {HEARD_FOR:.0f} s of the new recording")
        await phone.hang_up()
    heard = {language: tone_for(phone.heard(), hz) for language, hz in TONES.items()}
    if heard[LANGUAGE] < HEARD_FOR or sum(heard.values()) > heard[LANGUAGE]:
        raise NotShown(f"seconds heard of each language's recording: {heard}")
    return watch.steps


def _heard_so_far(phone: Softphone) -> float:
    return sound.sounding_for(phone.heard()) if phone.recordings() else 0.0


def _has_heard(phone: Softphone, seconds: float) -> bool:
    return _heard_so_far(phone) >= seconds


def words_to_type() -> int:
    """All of the walk: the files' lines, the commands with `git clone` and `cd`, the answer to publish."""
    first = ["git clone https://example.org/name/dzvin", "cd dzvin", "./dzvin run"]
    commands = [" ".join(words) for words in (BUILD, CHECK, PUBLISH)]
    typed = [*first, KEY, STEP, TEXTS, *commands, "y"]
    return round(sum(len(text) + 1 for text in typed) / CHARACTERS_OF_A_WORD)


async def walk(where: str, folder: Path, console: Console) -> Walk:
    """NotShown, BareMachineError, SoftphoneError, TimeoutError: it leads nowhere."""
    found = Walk(where, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), this_machine())
    found.words_to_type = words_to_type()
    prepare(where, folder)
    began, watch = time.monotonic(), Watch()
    machine, tree = clone(where, folder)
    watch.step("git clone (from the same disk)")
    is_written(tree)
    async with dzvin_run(machine, console) as running:
        await running.until_it_takes_calls(SET_UP_WITHIN)
        changed = await asyncio.to_thread(change, machine, tree, console)
        info = json.loads(machine.said("./dzvin", "info", "--json"))
        heard = await hear_it(info, folder / "phone")
        found.seconds, found.load = time.monotonic() - began, os.getloadavg()[0]
        await running.end()
    found.steps = [*watch.steps, *running.steps, *changed, *heard]
    return found


def show(walk: Walk, console: Console) -> None:
    place = "this machine" if walk.where == HERE else f"a bare Debian {walk.where}"
    table = Table(title=f"A newcomer's walk on {place} ({walk.machine})", title_justify="left")
    table.add_column("step")
    table.add_column("seconds", justify="right")
    for step in walk.steps:
        table.add_row(step.what, f"{step.took:.1f}")
    table.add_section()
    table.add_row("[bold]from clone to the changed menu, heard", f"[bold]{walk.seconds:.1f}")
    console.print(table)
    console.print(
        f"To this comes a person's part: {walk.words_to_type} words to type (commands among them), "
        f"{walk.words_to_type / WORDS_PER_MINUTE:.0f} min at {WORDS_PER_MINUTE} words a minute, and three "
        f"recordings of {RECORDED_FOR:.0f} s. Load average {walk.load:.1f}."
    )


def write(walk: Walk, folder: Path) -> None:
    """Into newcomers_walk.json, which keeps the walks of other places."""
    file = folder / "newcomers_walk.json"
    folder.mkdir(parents=True, exist_ok=True)
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rounded = json.loads(json.dumps(asdict(walk)), parse_float=lambda text: round(float(text), 2))
    file.write_text(json.dumps(kept | {walk.where: rounded}, indent=1) + "\n", encoding="utf-8")


async def inside(where: str, folder: Path, out: Path | None) -> None:
    console = Console(highlight=False)
    found = await walk(where, folder, console)
    show(found, console)
    if out is not None:
        write(found, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--suite", choices=("bookworm", "trixie", HERE), default=HERE)
    parser.add_argument("--folder", type=Path, default=PROJECT / ".dzvin", help="where the clone is made")
    parser.add_argument("--out", type=Path, help="write newcomers_walk.json into this folder")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside is not None:
        asyncio.run(inside(given.suite, given.inside, given.out))
        return
    if os.geteuid() != 0:
        sys.exit("Processes and mounts are kept apart, and packages installed: run this as root.")
    given.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="newcomers-walk-", dir=given.folder.resolve()))
    try:
        sys.exit(
            enter_namespaces("tests.benchmarks.newcomers_walk", [*sys.argv[1:], "--inside", str(folder)])
        )
    finally:
        remove(folder)


if __name__ == "__main__":
    main()
