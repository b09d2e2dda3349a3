"""A small dialplan without mistakes, as files, for tests that change or break it."""

from pathlib import Path

Files = dict[str, str | bytes]

SMALL: Files = {
    "lines.yaml": """\
center:
  languages: [uk, en]
  time-zone: Europe/Kyiv
  allowed-numbers: [0XXXXXXXXX]
lines:
  main:
    name: Main line
    numbers: [100]
    hours: office
    start: main-menu
    if-closed: sorry
    operator: ask
hours:
  office:
    week: { mon-fri: 08:00-20:00, sat: closed }
""",
    "menus.yaml": """\
steps:
  main-menu:
    menu: [hello, choose]
    keys: { 1: ask, 2: news, "*": main-menu }
    wait: 5 s
  news: { play: news, then: main-menu }
  ask:
    queue: help
    if-full: call-out
  call-out: { transfer: 0501112233 }
  sorry: { hang-up: [closed, goodbye] }
""",
    "people.yaml": """\
skills: { sales: Sales }
queues:
  help:
    name: { uk: Допомога, en: Help }
    skills: { sales: 2 }
    ring: 15 s
operators:
  olena:
    name: Olena
    phone: { number: 701, kind: linphone }
    skills: { uk: 10, sales: 5 }
    queues: [help]
""",
}


def write(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def changed(file: str, old: str, new: str) -> Files:
    """The small dialplan with one piece of text exchanged; the piece must be there."""
    text = SMALL[file]
    assert isinstance(text, str)
    assert old in text, f"{old!r} is not in {file}"
    return {**SMALL, file: text.replace(old, new, 1)}


def extra(name: str, text: str | bytes) -> Files:
    """The small dialplan with one more file."""
    return {**SMALL, name: text}
