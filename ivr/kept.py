"""`dzvin recordings`: what is stored, who heard it, what was removed. Works beside a running server."""

import os
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from acd.core.promise import PromiseFilter
from ivr.config import Settings
from ivr.control_client import NoServer, ask
from ivr.errors import Plain
from ivr.keeping import PURGE, open_store, place_of
from ivr.recordings import RATE_HZ, Facts, RecordingError, RecordingStore, Rules
from ivr.reports import journal_of, print_json
from ivr.terminal import recordings as terminal
from ivr.terminal import reports
from ivr.whoami import user

_SHORT = 8
"""The last letters of an id that stand for it."""
_MOST_LOOKED_AT = 20_000
_MOST_OPEN = 1_000_000


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[RecordingStore]:
    """Plain: what went wrong with it, in one sentence."""
    store = open_store(settings)
    try:
        yield store
    except RecordingError as error:
        raise Plain(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    finally:
        await store.close()


async def show_list(
    settings: Settings, *, since: date | None, queue: str, untranscribed: bool, limit: int, as_json: bool
) -> None:
    """Print the latest ones. Nothing of what was said is in it, so this is no access."""
    async with _store(settings) as store:
        found = await store.listing(since=since, most=_MOST_LOOKED_AT if queue or untranscribed else limit)
    shown = [
        facts for facts in found if queue in ("", facts.queue) and not (untranscribed and facts.transcribed)
    ][-limit:]
    rows = [_outside(facts) for facts in shown]
    if as_json:
        print_json({"recordings": rows})
    else:
        reports.show(terminal.recordings_table(rows, _zone()))


async def show_one(settings: Settings, id_: str, why: str, *, as_json: bool) -> None:
    """Print its facts and what was said in it."""
    async with _store(settings) as store:
        facts = await store.facts(await _whole(store, id_), by=_who(), why=why)
    if as_json:
        print_json(_inside(facts))
    else:
        reports.show(terminal.story(_inside(facts), _zone()))


async def export(settings: Settings, id_: str, to: Path | None, why: str) -> Path:
    """Write its sound to a WAV file that only you can read; where. Plain: the file cannot be written."""
    async with _store(settings) as store:
        whole = await _whole(store, id_)
        target = to or Path(f"{whole}.wav")
        if target.exists():
            raise Plain(f"{target} is there already; give another name with --to.")
        pcm = await store.pcm(whole, by=_who(), why=why)
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write(file, pcm)
    except OSError as error:
        raise Plain(f"{target} cannot be written: {error.strerror}.") from None
    return target


async def show_proofs(settings: Settings, *, as_json: bool) -> None:
    """Print what was removed; that the file of proofs is whole is checked by reading it."""
    async with _store(settings) as store:
        rows = [asdict(proof) for proof in await store.proofs()]
    if as_json:
        print_json({"proofs": rows})
    else:
        reports.show(terminal.proofs_table(rows, _zone()))
        print(f"Removals: {len(rows)}. Their file is unbroken.")


async def show_accesses(settings: Settings, id_: str, *, as_json: bool) -> None:
    """Print who heard or read what."""
    async with _store(settings) as store:
        found = await store.accesses()
    rows = [asdict(access) for access in found if access.id.endswith(id_)]
    if as_json:
        print_json({"accesses": rows})
    else:
        reports.show(terminal.accesses_table(rows, _zone()))
        print(f"Accesses: {len(rows)}. Their file is unbroken.")


async def remove(settings: Settings, id_: str, why: str) -> str:
    """Remove one for good, with a proof; its id."""
    async with _store(settings) as store:
        whole = await _whole(store, id_)
        await store.remove(whole, why=f"{why} (by {_who()})")
    return whole


async def purge(settings: Settings) -> int:
    """Remove what is too old, as the server does by itself; how many. Plain: refused."""
    try:
        return int(ask(settings.run_folder, {"do": PURGE}, within=3600.0)["removed"])
    except NoServer:
        return await _purge_here(settings)


async def _purge_here(settings: Settings) -> int:
    """No server runs: the journal knows which messages are open, and the dialplan the days of queues."""
    from ivr.about import read_dialplan

    loaded = read_dialplan(settings)
    async with journal_of(settings) as reader:
        promises = await reader.promises.some(PromiseFilter(is_open=True), _MOST_OPEN)
    needed = {message.recording for promise in promises for message in promise.messages}
    days = {str(queue): kept for queue, kept in loaded.media.messages_kept.items()}
    async with _store(settings) as store:
        store.rules = Rules(
            kept_days=place_of(settings).kept_days,
            by_queue=lambda: days,
            in_use=lambda recording: recording in needed,
        )
        return await store.purge(datetime.now(UTC))


async def _whole(store: RecordingStore, id_: str) -> str:
    """Its last letters may stand for it. Plain: for none, or for several."""
    if len(id_) != _SHORT:
        return id_
    found = [whole for whole in await store.ids() if whole.endswith(id_)]
    if len(found) != 1:
        what = "several recordings end" if found else "no recording ends"
        raise Plain(f"{what} in {id_}; `dzvin recordings` lists them.")
    return found[0]


def _write(file: Any, pcm: bytes) -> None:
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(pcm)


def _who() -> str:
    return f"{user()}, command line"


def _zone() -> tzinfo:
    """This machine's."""
    found = datetime.now().astimezone().tzinfo
    assert found is not None
    return found


def _outside(facts: Facts) -> dict[str, object]:
    """Without what was said."""
    return {
        "id": facts.id,
        "at": facts.at.isoformat(timespec="seconds"),
        "name": facts.name,
        "call": facts.call,
        "queue": facts.queue,
        "language": facts.language,
        "seconds": round(facts.seconds, 2),
        "sha256": facts.sha256,
        "transcribed": facts.transcribed,
        "unreadable": facts.unreadable,
    }


def _inside(facts: Facts) -> dict[str, object]:
    words = [
        {"word": word, "confidence": confidence, "start": start, "end": end}
        for word, confidence, start, end in facts.words or ()
    ]
    said = {"transcript": facts.transcript, "confidence": facts.confidence, "words": words}
    return {**_outside(facts), **said}
