"""Stored messages are transcribed by shipped models and by programs: behind live callers, over crashes."""

import asyncio
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from ivr import transcripts as transcripts_module
from ivr.recordings import RecordingError, RecordingFolder
from ivr.recordings.testing import MemoryRecordings
from ivr.speech.command import parse_transcriber
from ivr.speech.models import Models
from ivr.speech.port import NoModel, RecogniserBusy, RecogniserDead, SpeechError
from ivr.speech.settings import ANY_WORDS_COST
from ivr.speech.transcribe import TRANSCRIBER, NotTranscribed, Transcript, VoskTranscriber
from ivr.speech.transcribe_command import CommandTranscriber
from ivr.transcripts import Transcripts
from tests.eventually import eventually
from tests.processes import gone, send
from tests.speech import shipped_models, speech_pool, spoken

MESSAGES = {
    "uk": "прошу передзвонити мені завтра",
    "ru": "очень долго ждать",
    "en": "good morning everything is fine thank you",
}
PATIENT = 60.0
SECOND = 16000


@asynccontextmanager
async def transcriber(models: Models | None = None, **options: float) -> AsyncIterator[VoskTranscriber]:
    settings = replace(TRANSCRIBER, heartbeat=0.1, first_pause=0.05)
    made = VoskTranscriber(models or shipped_models(), settings, **options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


def long_message(seconds: int) -> bytes:
    words = spoken(MESSAGES["uk"]) + bytes(SECOND)
    return words * (seconds * SECOND // len(words))


@pytest.mark.parametrize("language", MESSAGES)
async def test_a_message_is_transcribed_word_for_word(language: str) -> None:
    pcm = bytes(SECOND) + spoken(MESSAGES[language], language) + bytes(2 * SECOND)
    async with transcriber() as one:
        found = await one.transcribe(pcm, language)
        assert found.text == MESSAGES[language]
        assert " ".join(word for word, *_ in found.words) == found.text
        assert all(0 < confidence <= 1 for _, confidence, _, _ in found.words)
        assert found.confidence == pytest.approx(
            sum(confidence for _, confidence, _, _ in found.words) / len(found.words)
        )
        assert await one.transcribe(pcm, language) == found, "whatever was heard before"


async def test_words_have_their_times() -> None:
    first, second = spoken("оператор"), spoken("баланс")
    async with transcriber() as one:
        for _ in range(2):
            found = await one.transcribe(bytes(2 * SECOND) + first + bytes(3 * SECOND) + second, "uk")
            assert found.text == "оператор баланс"
            (_, _, began, ended), (_, _, began_again, ended_again) = found.words
            total = 5 + (len(first) + len(second)) / SECOND
            assert 0 <= began < 2 + len(first) / SECOND, "a word may have the silence around it"
            assert 2 < ended <= total - len(second) / SECOND + 1
            assert ended <= began_again < total
            assert total - len(second) / SECOND < ended_again <= total + 0.1


async def test_pauses_do_not_end_a_message_and_silence_has_no_words() -> None:
    async with transcriber() as one:
        pcm = long_message(40)
        found = await one.transcribe(pcm, "uk")
        repeats = len(pcm) // (len(spoken(MESSAGES["uk"])) + SECOND)
        said = MESSAGES["uk"].split() * repeats
        assert SequenceMatcher(a=[word for word, *_ in found.words], b=said).ratio() > 0.95
        assert [start for _, _, start, _ in found.words] == sorted(start for _, _, start, _ in found.words)
        assert found.words[-1][3] <= len(pcm) / SECOND + 0.1
        assert await one.transcribe(bytes(5 * SECOND), "uk") == Transcript("", 0.0)


async def test_no_stream_of_live_callers_is_taken() -> None:
    async with speech_pool(streams=ANY_WORDS_COST) as live, transcriber() as one:
        working = asyncio.create_task(one.transcribe(long_message(60), "uk"))
        await eventually(lambda: bool(one.pids), PATIENT, "the transcriber's process")
        assert live.health().load == 0
        caller = live.open("uk", None)
        with pytest.raises(RecogniserBusy):
            live.open("uk", ["так"])
        assert (await working).text.startswith(MESSAGES["uk"])
        assert not set(one.pids) & set(live.pids)
        assert psutil.Process(one.pids[0]).nice() == 19
        caller.feed(spoken("баланс"))
        assert (await caller.result(PATIENT)).text == "баланс"


async def test_a_process_killed_in_the_middle_is_tried_again() -> None:
    async with transcriber() as one:
        await one.transcribe(spoken("так"), "uk")
        working = asyncio.create_task(one.transcribe(long_message(120), "uk"))
        os.kill(one.pids[0], signal.SIGKILL)
        found = await working
        assert found.text.startswith(MESSAGES["uk"])
        assert len(found.words) > 40


async def test_a_message_that_kills_each_process_is_given_up_and_the_next_one_is_heard() -> None:
    async with transcriber(tries=2) as one:
        await one.transcribe(spoken("так"), "uk")
        working = asyncio.create_task(one.transcribe(long_message(300), "uk"))
        killed: set[int] = set()
        while not working.done():
            for pid in set(one.pids) - killed:
                if one._pool is not None and one._pool.health().streams:
                    send(pid, signal.SIGKILL)
                    killed.add(pid)
            await asyncio.sleep(0.005)
        with pytest.raises(NotTranscribed, match="failed 2 times"):
            await working
        assert len(killed) == 2
        assert (await one.transcribe(spoken("баланс"), "uk")).text == "баланс"


async def test_the_process_lives_while_there_is_work() -> None:
    async with transcriber(idle_for=0.3) as one:
        assert one.pids == ()
        await one.transcribe(spoken("так"), "uk")
        (pid,) = one.pids
        await one.transcribe(spoken("ні"), "uk")
        assert one.pids == (pid,), "the same for the next message"
        await eventually(lambda: gone(pid), PATIENT, "the process is ended")
        assert (await one.transcribe(spoken("так"), "uk")).text == "так"


async def test_without_a_model_nothing_is_started() -> None:
    async with transcriber(Models({}, {"uk": "there is no folder"})) as one:
        assert not one.understands("uk")
        with pytest.raises(NoModel, match="there is no folder"):
            await one.transcribe(spoken("так"), "uk")
        assert one.pids == ()


# By a program


def program(tmp_path: Path, text: str) -> CommandTranscriber:
    script = tmp_path / "a program.py"
    script.write_text("import sys, os, time, json, wave, subprocess\n" + text)
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(script))} {{wav}} {{language}}"
    return CommandTranscriber(parse_transcriber(command), within=PATIENT)


async def test_a_program_gets_the_sound_and_prints_text(tmp_path: Path) -> None:
    one = program(
        tmp_path,
        "ends = time.monotonic() + 10\n"
        "while os.getpriority(0, 0) != 19 and time.monotonic() < ends:\n"  # set from outside, after its start
        "    time.sleep(0.01)\n"
        "with wave.open(sys.argv[1]) as file:\n"
        "    print('Сто', file.getnframes(),\n  file.getframerate(), sys.argv[2], os.getpriority(0, 0))",
    )
    assert await one.transcribe(bytes(16001), "ru") == Transcript("Сто 8000 8000 ru 19", 0.0)


async def test_a_program_may_print_words(tmp_path: Path) -> None:
    said = {
        "text": "Де посилка?",
        "words": [
            {"word": "Де", "confidence": 0.5, "start": 0.25, "end": 0.5},
            {"word": "посилка?", "conf": 1.5},
        ],
    }
    found = await program(tmp_path, f"print(json.dumps({said!r}))").transcribe(SECOND * b"\0", "uk")
    assert found == Transcript("Де посилка?", 0.75, (("Де", 0.5, 0.25, 0.5), ("посилка?", 1.0, 0.0, 0.0)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("print('{\"words\": 3}')", "is no transcript"),
        ('print(\'{"text": "a", "confidence": NaN}\')', "is no transcript"),
        ("print('{')", "is no transcript"),
        ("print('no model', file=sys.stderr); sys.exit(3)", "failed with status 3: no model"),
        ("os.kill(os.getpid(), 11)", "failed with status -11"),
        ("sys.stderr.write('x' * 10_000_000); sys.exit(1)", "failed with status 1: xxx"),
        ("while True: sys.stdout.write('x' * 100_000)", "without end"),
    ],
)
async def test_a_program_that_fails_is_told(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(NotTranscribed, match=why):
        await program(tmp_path, text).transcribe(bytes(100), "uk")


async def test_a_program_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    one = program(
        tmp_path,
        "child = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(pid)!r}, 'w').write(f'{{child.pid}}\\n')\n"
        "time.sleep(1000)",
    )
    for within in (3.0, 12.0, 40.0):
        one._within = within
        with pytest.raises(NotTranscribed, match=f"longer than {within:g} s"):
            await one.transcribe(bytes(100), "uk")
        if pid.exists() and pid.read_text():  # else the program had hardly begun
            break
    child = int(pid.read_text())
    await eventually(lambda: gone(child), PATIENT, "the program's child is gone")


async def test_an_absent_program_is_told() -> None:
    with pytest.raises(SpeechError, match="cannot be started") as told:
        await CommandTranscriber(parse_transcriber("/nowhere/at-all {wav}")).transcribe(bytes(100), "uk")
    assert not isinstance(told.value, NotTranscribed)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("", "nothing in it"),
        ("whisper", "write {wav}"),
        ("whisper {wav} {model}", "write {wav}"),
        ("whisper '{wav}", "no command"),
        ("whisper {wav", "no command"),
    ],
)
def test_a_wrong_command_is_told(command: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_transcriber(command)


# One after the other


class Scripted:
    """A transcriber whose answers are given; each once, the last for ever."""

    def __init__(self, *answers: Transcript | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.closed = False

    def understands(self, language: str) -> bool:
        return language == "uk"

    async def transcribe(self, pcm: bytes, language: str) -> Transcript:
        self.asked.append(pcm)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


@asynccontextmanager
async def running(work: Transcripts) -> AsyncIterator[None]:
    task = asyncio.create_task(work.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def message(store: RecordingFolder | MemoryRecordings, pcm: bytes, language: str = "uk") -> str:
    return await store.save(
        "c1", "message", pcm, transcript="", confidence=0.0, language=language, at=datetime.now(UTC)
    )


async def test_a_message_gets_its_text_and_somebody_is_told(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    told: dict[str, Transcript] = {}
    async with transcriber() as one, running(Transcripts(store, one, told.__setitem__)) as _:
        id_ = await message(store, spoken(MESSAGES["uk"]))
        work = Transcripts(store, one, told.__setitem__)
        async with running(work):
            work.add(id_)
            await eventually(lambda: id_ in told, PATIENT, "the text")
            await eventually(lambda: work.waiting == 0, PATIENT, "nothing waits")
    facts = await store.facts(id_, by="anna")
    assert facts.transcript == MESSAGES["uk"] == told[id_].text
    assert facts.words is not None
    assert [word for word, *_ in facts.words] == MESSAGES["uk"].split()
    assert facts.confidence == pytest.approx(told[id_].confidence, abs=0.001)
    await store.close()


async def test_what_a_server_left_without_a_text_is_found_by_the_next_one(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    ids = [await message(store, spoken(word)) for word in ("баланс", "оператор")]
    done = await message(store, spoken("так"))
    await store.note(done, "щось", [])
    foreign = await message(store, spoken("так"), "pl")
    told: dict[str, Transcript] = {}
    async with transcriber() as one:
        stopped = Transcripts(store, one, told.__setitem__)
        async with running(stopped):
            await eventually(lambda: bool(one.pids), PATIENT, "the first one is begun")
        async with running(Transcripts(store, one, told.__setitem__)):
            await eventually(lambda: set(ids) <= set(told), PATIENT, "both texts")
    assert {told[id_].text for id_ in ids} == {"баланс", "оператор"}
    assert {done, foreign} & set(told) == set()
    await store.close()


async def test_a_recording_that_fails_keeps_no_other_one() -> None:
    store = MemoryRecordings()
    told: dict[str, Transcript] = {}
    fine = Transcript("так", 0.9)
    one = Scripted(NotTranscribed("it crashed"), RecogniserDead("no process"), ValueError("a fault"), fine)
    work = Transcripts(store, one, told.__setitem__, pause=0.0, again_every=0.05)
    ids = [await message(store, bytes([number, 0])) for number in range(1, 5)]
    damaged = await message(store, b"\7\0")
    store.shelf.files[next(name for name in store.shelf.files if damaged in name and "wav" in name)] = b"x"
    gone = await message(store, b"\5\0")
    for id_ in (gone, *ids):
        work.add(id_)
    await store.remove(gone, why="not wanted")
    with capture_logs() as logged:
        async with running(work):
            await eventually(lambda: set(ids) == set(told), PATIENT, "all texts but the damaged one's")
            await eventually(lambda: work.waiting == 0, PATIENT, "nothing waits")
    assert [told[id_].text for id_ in ids] == ["", "так", "так", "так"]
    assert (await store.facts(ids[0], by="anna")).transcribed, "it is not tried again"
    assert one.asked.count(b"\2\0") == 2
    assert any("damaged" in line.get("why", "") for line in logged)
    assert one.closed


async def test_more_than_can_wait_is_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts_module, "MOST_WAITING", 3)
    store = MemoryRecordings()
    told: dict[str, Transcript] = {}
    work = Transcripts(store, Scripted(Transcript("так", 0.9)), told.__setitem__, again_every=0.02)
    ids = [await message(store, bytes([number, 0])) for number in range(1, 11)]
    for id_ in ids:
        work.add(id_)
    assert work.waiting == 3
    async with running(work):
        await eventually(lambda: set(ids) == set(told), PATIENT, "all texts")


async def test_what_needs_no_text_is_looked_at_once() -> None:
    store = MemoryRecordings()
    done, foreign = await message(store, b"\1\0"), await message(store, b"\2\0", "pl")
    damaged = await message(store, b"\3\0")
    await store.note(done, "так", [])
    store.shelf.files[next(name for name in store.shelf.files if damaged in name and "json" in name)] = b"{"
    real, asked = store.shelf.get, []

    async def counted(name: str) -> bytes:
        asked.append(name)
        return await real(name)

    store.shelf.get = counted  # type: ignore[method-assign]
    told: dict[str, Transcript] = {}
    work = Transcripts(store, Scripted(Transcript("так", 0.9)), told.__setitem__, again_every=0.01)
    async with running(work):
        await eventually(lambda: len(asked) == 3, PATIENT, "all are looked at")
        young = await message(store, b"\4\0")
        await eventually(lambda: young in told, PATIENT, "the next one's text")
        await eventually(lambda: work.waiting == 0, PATIENT, "nothing waits")
    assert sum(any(id_ in name for id_ in (done, foreign, damaged)) for name in asked) == 3


async def test_an_outage_of_the_store_is_waited_for() -> None:
    store = MemoryRecordings()
    told: dict[str, Transcript] = {}
    id_ = await message(store, b"\1\0")
    files, store.shelf.files = store.shelf.files, {}
    real = store.shelf.names

    async def out(since: object = None) -> list[str]:
        raise RecordingError("the store is away")

    store.shelf.names = out  # type: ignore[method-assign, assignment]
    work = Transcripts(store, Scripted(Transcript("так", 0.9)), told.__setitem__, again_every=0.02)
    with capture_logs() as logged:
        async with running(work):
            await eventually(lambda: len(logged) > 2, PATIENT, "it looks again and again")
            store.shelf.files, store.shelf.names = files, real  # type: ignore[method-assign]
            await eventually(lambda: id_ in told, PATIENT, "the text")


async def test_old_recordings_are_left_alone() -> None:
    store = MemoryRecordings()
    old = datetime.now(UTC) - timedelta(5)
    await store.save("c", "m", b"\1\0", transcript="", confidence=0, language="uk", at=old)
    young = await message(store, b"\2\0")
    told: dict[str, Transcript] = {}
    async with running(Transcripts(store, Scripted(Transcript("так", 0.9)), told.__setitem__)):
        await eventually(lambda: set(told) == {young}, PATIENT, "the young one's text")


async def test_three_minutes_are_transcribed_while_nobody_waits() -> None:
    async with transcriber() as one:
        await one.transcribe(spoken("так"), "uk")
        pcm, began = long_message(180), time.monotonic()
        found = await one.transcribe(pcm, "uk")
        print(json.dumps({"seconds": len(pcm) / SECOND, "took": round(time.monotonic() - began, 2)}))
        assert len(found.words) > 100
