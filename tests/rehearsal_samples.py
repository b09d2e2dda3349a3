"""A dialplan with every kind of condition that a scenario can set, for tests of scenarios."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ivr.dialplan import Loaded, load
from ivr.prompt_book import PromptBook
from ivr.rehearsal import Rehearsal, rehearse
from tests.dialplan_samples import Files, write

PLAN: Files = {
    "plan.yaml": """\
center:
  languages: [uk, en]
  time-zone: Europe/Kyiv
  web-address: http://127.0.0.1:8095
  allowed-numbers: [0XXXXXXXXX]
  operator: ask
lines:
  main:
    name: Main line
    numbers: [100]
    hours: office
    start: main-menu
    if-closed: sorry
    if-language-known: news
  second: { name: Second, numbers: [200], start: share }
hours:
  office: { week: { mon-fri: 08:00-20:00 } }
switches: { storm: Storm }
steps:
  main-menu:
    menu: [hello, choose]
    keys: { 1: ask, 2: news, 3: account, 4: storm, 5: crowd, 6: in-english, 7: out }
    phrases: { news: { uk: новини, en: news } }
  news: { play: news, then: main-menu }
  in-english: { language: en, then: main-menu }
  account: { ask: account, for: digits, name: account, length: 4, then: check-account }
  check-account:
    web: /account
    answers: { found: balance, unknown: account }
    if-failed: ask
  balance: { play: [you-owe, { amount: debt }], then: main-menu }
  storm: { choose: [{ switch: storm, then: sorry }], otherwise: main-menu }
  crowd: { choose: [{ waiting: help, more-than: 10, then: sorry }], otherwise: ask }
  share: { choose: [{ share: 30, then: out }], otherwise: ask }
  ask: { queue: help, if-full: out, if-nobody-logged-in: sorry, leave-keys: { "*": main-menu } }
  out: { transfer: 0501112233, if-not-answered: sorry }
  sorry: { hang-up: [closed, goodbye] }
queues:
  help: { name: Help, max-waiting: 5, max-wait: 2 min }
  free: { name: Free, leave-if-nobody-logged-in: false }
operators:
  olena: { name: Olena, phone: { number: 701 }, queues: [help, free] }
"""
}
TEXTS = """\
hello: { uk: Вітаємо, en: Hello }
choose: { uk: Оберіть, en: Choose }
you-owe: { uk: Ваш борг, en: You owe }
"""


def scenario(steps: Sequence[str], *more: str, name: str = "one", call: str = "main") -> str:
    """A file with one scenario; `more` are further keys of it, in the lines before the steps."""
    lines = ["scenarios:", f"  {name}:", f"    call: {call}"]
    lines += [f"    {line}" for line in more]
    return "\n".join([*lines, "    steps:", *(f"      - {step}" for step in steps)]) + "\n"


@cache
def loaded() -> Loaded:
    """PLAN, read once for all tests."""
    with TemporaryDirectory() as folder:
        return load(write(Path(folder), PLAN))


def play(folder: Path, *files: str) -> Rehearsal:
    """The scenarios of these files with PLAN; prompts have texts, no recordings."""
    dialplan = folder / "d"
    named: Files = {f"{number}.yaml": text for number, text in enumerate(files)}
    write(dialplan / "scenarios", named)
    prompts = write(folder / "prompts", {"texts.yaml": TEXTS})
    return rehearse(dialplan, loaded(), PromptBook(prompts, loaded().media.languages))


def told(rehearsal: Rehearsal, folder: Path) -> list[str]:
    """Mistakes, or else failures; with their files' names only."""
    problems = [*rehearsal.mistakes, *(one for result in rehearsal.results for one in result.failures)]
    return [str(problem).replace(f"{folder / 'd' / 'scenarios'}/", "") for problem in problems]
