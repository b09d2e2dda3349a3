"""The command's work: files of another system in, a folder with a dialplan and a report out."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.dialplan.writing import to_yaml
from ivr.errors import Plain
from ivr.importing.finishing import finish
from ivr.importing.freepbx import FreePbx
from ivr.importing.plan import Left, Place, Plan
from ivr.importing.priorities import Context, put_in_order, read_contexts
from ivr.importing.queues import import_queues
from ivr.importing.reading import Section, read_sections
from ivr.importing.tables import Row, read_csv, read_json
from ivr.importing.telling import markdown
from ivr.importing.trunks import import_lines

MAX_BYTES = 1024 * 1024
MAX_FILES = 20
CHUNK_BYTES = 100_000
"""Of one written file; the checker reads files of 256 KB and 20 000 values."""
CHUNK_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Imported:
    lines: int
    steps: int
    queues: int
    operators: int
    prompts: int
    left: tuple[Left, ...]


def import_files(files: Sequence[Path], to: Path, language: str) -> Imported:
    """Plain: a file cannot be read or has nothing to import, or the folder is not empty; then nothing is
    written."""
    _check_folder(to)
    if len(files) > MAX_FILES:
        raise Plain(f"{len(files)} files are too many; name at most {MAX_FILES}.")
    plan = plan_of([(file.name, _text_of(file)) for file in files], language)
    try:
        _write(plan, to)
    except OSError as error:
        raise Plain(f"{to} cannot be written ({error.strerror}); name another folder.") from None
    return Imported(
        lines=len(plan.lines),
        steps=len(plan.steps),
        queues=len(plan.queues),
        operators=len(plan.operators),
        prompts=len(plan.texts),
        left=tuple(sorted(plan.left)),
    )


def plan_of(files: Sequence[tuple[str, str]], language: str) -> Plan:
    """From names and texts of files to a plan without loose ends. Plain as in `import_files`."""
    plan = Plan(language)
    queues: list[Section] = []
    contexts: dict[str, Context] = {}
    rows: list[Row] = []
    for name, text in files:
        kind = kind_of(name, text)
        if kind == "csv":
            rows += read_csv(text, name, plan)
        elif kind == "json":
            rows += read_json(text, name, plan)
        elif kind == "queues":
            queues += read_sections(text, name, plan)
        else:
            read_contexts(read_sections(text, name, plan), contexts, plan)
    import_queues(queues, plan)
    if contexts:
        put_in_order(contexts, plan)
        import_lines(contexts, plan)
    if rows:
        FreePbx(rows, plan).run()
    finish(plan, Place(files[0][0], 1))
    if not plan.lines:
        names = ", ".join(name for name, _ in files)
        raise Plain(
            f"{names}: neither queues nor a dialogue are in it; name a queues.conf, extensions.conf or tables"
            " of FreePBX."
        )
    return plan


def kind_of(name: str, text: str) -> str:
    """'csv', 'json', 'queues' or 'extensions'; by the ending, else by what stands in it."""
    ending = Path(name).suffix.lower()
    if ending in {".csv", ".tsv"}:
        return "csv"
    if ending == ".json":
        return "json"
    if re.search(r"^\s*(exten|same)\s*=", text, re.MULTILINE | re.IGNORECASE):
        return "extensions"
    if re.search(r"^\s*\[[^\]\n]+\]", text, re.MULTILINE):
        return "queues"
    raise Plain(
        f"{name}: this is no file that can be imported; name a queues.conf, an extensions.conf, or tables of"
        " FreePBX as .csv or .json."
    )


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Plain(f"{file} cannot be read ({error.strerror}); name a file.") from None
    if len(data) > MAX_BYTES:
        raise Plain(f"{file} is larger than {MAX_BYTES // 1024} KB; split it.")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\0", "")


def _check_folder(to: Path) -> None:
    try:
        taken = to.exists() and (not to.is_dir() or any(to.iterdir()))
    except OSError as error:
        raise Plain(f"{to} cannot be read ({error.strerror}); name another folder.") from None
    if taken:
        raise Plain(f"{to} is there and not empty, and nothing is overwritten; name a new folder.")


def _write(plan: Plan, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for name, text in files_of(plan).items():
        path = to / name
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)


def files_of(plan: Plan) -> dict[str, str]:
    """By name in the folder: what is written there."""
    center: dict[str, Any] = {"languages": [plan.language], "time-zone": "Europe/Kyiv"}
    if plan.transfers:
        center["allowed-numbers"] = sorted(plan.transfers)
    files = {"center.yaml": to_yaml({"center": center}, "What holds everywhere. Check the time zone.")}
    files |= _section("lines", plan.lines, "The numbers that callers dial.")
    files |= _section("hours", plan.hours, "When you are open.")
    files |= _section("steps", plan.steps, "What callers hear and what each key does.")
    files |= _section("queues", plan.queues, "Where callers wait.")
    files |= _section("skills", plan.skills, "What operators can do.")
    files |= _section("operators", plan.operators, "Who answers, on which phone.")
    if plan.texts:
        texts = {prompt: {plan.language: text} for prompt, text in sorted(plan.texts.items())}
        remark = (
            "What must be recorded: each text is the old sound's name. Write the words, then record them."
        )
        files["prompts/texts.yaml"] = to_yaml(texts, remark)
    files["IMPORT.md"] = markdown(sorted(plan.left))
    return files


def _section(name: str, entries: dict[str, Any], remark: str) -> dict[str, str]:
    """The section's files; a long one is split."""
    chunks: list[dict[str, Any]] = [{}]
    size = 0
    for key, entry in entries.items():
        size += len(str(entry).encode())
        if len(chunks[-1]) >= CHUNK_ENTRIES or (size > CHUNK_BYTES and chunks[-1]):
            chunks.append({})
            size = len(str(entry).encode())
        chunks[-1][key] = entry
    named = [f"{name}.yaml", *(f"{name}-{count}.yaml" for count in range(2, len(chunks) + 1))]
    return {file: to_yaml({name: chunk}, remark) for file, chunk in zip(named, chunks, strict=True) if chunk}
