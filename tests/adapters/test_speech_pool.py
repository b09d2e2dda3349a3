"""Real Vosk in real worker processes: what dies, hangs or floods costs its own utterances, nothing else."""

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from ivr.flow.wording import number_vocabulary
from ivr.speech import link as link_module
from ivr.speech.models import Models, find_models
from ivr.speech.pool import SpeechPool
from ivr.speech.port import NoModel, RecogniserBusy, RecogniserDead, Recognition
from ivr.speech.recognition import WorkerRecognition
from ivr.speech.settings import ANY_WORDS_COST, SpeechSettings, describe
from tests.eventually import eventually
from tests.processes import gone
from tests.speech import shipped_models, speech_pool, spoken

PHRASES = ("так", "ні", "баланс", "оператор")
WITHIN = 20.0
AT_ONCE = 10.0
"""Seconds; nothing but the loss itself may tell it within them."""
PATIENT = 60.0
"""`hang_after` that shall not be reached."""


def open_in(pool: SpeechPool, worker: int) -> WorkerRecognition:
    """An utterance in that worker: the least busy one is taken."""
    while True:
        stream = pool.open("uk", PHRASES)
        if stream.number in pool._workers[worker].streams:
            return stream


async def hears(stream: Recognition, word: str) -> None:
    stream.feed(spoken(word))
    heard = await stream.result(WITHIN)
    assert heard.text == word


async def loses(stream: Recognition, within: float = AT_ONCE) -> str:
    """The utterance is lost, and that is said at once; why."""
    began = time.monotonic()
    with pytest.raises(RecogniserDead) as lost:
        await stream.result(WITHIN)
    assert time.monotonic() - began < within
    assert stream.ended
    stream.feed(bytes(320))
    stream.close()
    return str(lost.value)


async def whole(pool: SpeechPool) -> None:
    await eventually(lambda: pool.health().workers_alive == 2, WITHIN, "both workers are ready again")


async def test_a_killed_worker_loses_its_utterances_at_once_and_no_others() -> None:
    async with speech_pool(hang_after=PATIENT) as pool:
        lost, kept = open_in(pool, 0), open_in(pool, 1)
        word = spoken("оператор")
        lost.feed(word[: len(word) // 2])
        os.kill(pool.pids[0], signal.SIGKILL)
        assert "lost" in await loses(lost)
        assert pool.health().failures >= 1
        await hears(kept, "баланс")
        await whole(pool)
        assert pool.health().restarts == 1
        await hears(open_in(pool, 0), "так")


async def test_a_waiting_result_is_told_of_the_death_at_once() -> None:
    async with speech_pool(hang_after=PATIENT) as pool:
        stream = open_in(pool, 0)
        os.kill(pool.pids[0], signal.SIGSTOP)
        waiting = asyncio.create_task(loses(stream))
        await asyncio.sleep(0)
        os.kill(pool.pids[0], signal.SIGKILL)
        await waiting


async def test_a_hanging_worker_is_replaced() -> None:
    async with speech_pool(hang_after=2.5) as pool:
        pid, lost, kept = pool.pids[0], open_in(pool, 0), open_in(pool, 1)
        os.kill(pid, signal.SIGSTOP)
        assert "hangs" in await loses(lost, within=WITHIN)
        await hears(kept, "ні")
        await eventually(lambda: gone(pid), WITHIN)
        await whole(pool)
        await hears(open_in(pool, 0), "ні")


async def test_a_result_has_a_deadline_of_its_own() -> None:
    async with speech_pool() as pool:
        stream = open_in(pool, 0)
        os.kill(pool.pids[0], signal.SIGSTOP)
        with pytest.raises(RecogniserDead, match=r"no result within 0\.1 s"):
            await stream.result(0.1)
        assert stream.number not in pool._workers[0].streams


async def test_sound_that_waited_too_long_is_given_up() -> None:
    async with speech_pool(late_limit=2, hang_after=PATIENT) as pool:
        stream = open_in(pool, 0)
        os.kill(pool.pids[0], signal.SIGSTOP)
        stream.feed(spoken("так"))
        await asyncio.sleep(2.5)  # what is tested is the passing of time
        os.kill(pool.pids[0], signal.SIGCONT)
        await eventually(lambda: stream.ended, WITHIN)
        assert "keep pace" in await loses(stream)
        await hears(open_in(pool, 0), "так")


async def test_a_worker_that_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "MOST_UNSENT", 1 << 20)
    async with speech_pool(hang_after=PATIENT) as pool:
        stream = open_in(pool, 0)
        os.kill(pool.pids[0], signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(200):
            stream.feed(bytes(16000))
        assert time.monotonic() - began < AT_ONCE, "feed must not block"
        assert "reads nothing" in await loses(stream)
        await whole(pool)


async def test_with_no_worker_nothing_can_be_opened() -> None:
    async with speech_pool(workers=1, first_pause=30, longest_pause=30) as pool:
        os.kill(pool.pids[0], signal.SIGKILL)
        await eventually(lambda: pool.health().workers_alive == 0, WITHIN)
        with pytest.raises(RecogniserDead):
            pool.open("uk", PHRASES)
        assert pool.languages == shipped_models().usable.keys()


async def test_the_pause_before_a_restart_grows() -> None:
    with capture_logs() as logs:
        async with speech_pool(workers=1, first_pause=0.05, longest_pause=0.15) as pool:
            for death in range(1, 5):
                await eventually(lambda: pool.health().workers_alive == 1, WITHIN)
                os.kill(pool.pids[0], signal.SIGKILL)
                await eventually(lambda death=death: pool.health().restarts == death, WITHIN)
    lost = [one for one in logs if one["event"] == "speech_worker_lost"]
    assert [one["again_in"] for one in lost] == [0.05, 0.1, 0.15, 0.15]
    assert {one["status"] for one in lost} == {-signal.SIGKILL}


async def test_a_worker_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    async with speech_pool() as pool:
        assert pool.health().workers_alive == 0
        assert pool.health().problems == shipped_models().problems, "no model is blamed"
        with pytest.raises(RecogniserDead):
            pool.open("uk", PHRASES)


async def test_streams_are_limited() -> None:
    async with speech_pool(streams=6) as pool:
        any_words = pool.open("uk", None)
        one = pool.open("uk", PHRASES)
        assert pool.health().load == ANY_WORDS_COST + 1
        with pytest.raises(RecogniserBusy):
            pool.open("uk", PHRASES)
        any_words.close()
        streams = [pool.open("uk", PHRASES) for _ in range(5)]
        with pytest.raises(RecogniserBusy):
            pool.open("uk", None)
        assert pool.health().busy_refusals == 2
        for stream in (*streams, one):
            stream.close()
        assert pool.health().streams == 0


async def test_a_result_gives_the_stream_back() -> None:
    async with speech_pool(streams=1) as pool:
        for _ in range(5):
            stream = pool.open("uk", PHRASES)
            stream.feed(spoken("так"))
            assert (await stream.result(WITHIN)).text == "так"


async def test_twenty_at_once_in_real_time() -> None:
    """Frames as a line delivers them; each hears its own word, soon after it is asked."""
    async with speech_pool(late_limit=20) as pool:
        words = [PHRASES[number % len(PHRASES)] for number in range(20)]
        streams = [pool.open("uk", PHRASES) for _ in words]
        sounds = [spoken(word, words_a_minute=110 + number) for number, word in enumerate(words)]
        for at in range(0, max(map(len, sounds)), 320):
            for stream, sound in zip(streams, sounds, strict=True):
                stream.feed(sound[at : at + 320])
            await asyncio.sleep(0.005)
        heard = await asyncio.gather(*(stream.result(WITHIN) for stream in streams))
        assert [one.text for one in heard] == words


@pytest.mark.parametrize(
    "phrases",
    [(), ("",), (" ", "\t"), ("<eps>",), ("#0",), ("[unk]",), ('"', "\\"), ("\0",), ("[]", "{", "]")],
)
async def test_a_grammar_without_a_known_phrase_never_reaches_vosk(phrases: tuple[str, ...]) -> None:
    async with speech_pool(workers=1) as pool:
        with pytest.raises(NoModel, match="knows none of the"):
            pool.open("uk", phrases)


async def test_unknown_phrases_are_left_out() -> None:
    async with speech_pool(workers=1) as pool:
        stream = pool.open("uk", ("щосьневідоме", '"так', "так", "<eps> #0 </s>", "ТАК!", "ні\0"))
        await hears(stream, "так")
        assert pool.health().restarts == 0


async def test_any_words_are_heard_over_pauses() -> None:
    """Whoever may say anything may pause; and a recogniser that is used again knows nothing of it."""
    async with speech_pool(workers=1, end_after=0.3) as pool:
        for _ in range(3):
            stream = pool.open("uk", None)
            stream.feed(spoken("баланс") + bytes(24000))
            stream.feed(spoken("оператор"))
            assert (await stream.result(WITHIN)).text == "баланс оператор"
            given_up = pool.open("uk", None)
            given_up.feed(spoken("рахунок"))
            given_up.close()


async def worked_through(stream: WorkerRecognition, pieces: int) -> None:
    """So that no more is fed than the worker has heard; or the utterance has ended."""
    await eventually(lambda: stream.ended or len(stream.latencies) >= pieces, WITHIN)


@pytest.mark.parametrize("end_after", [0.3, 1.2])
async def test_the_recognisers_own_end_of_speech_is_a_setting(end_after: float) -> None:
    async with speech_pool(workers=1, end_after=end_after, measure=1) as pool:
        stream = pool.open("uk", PHRASES)
        stream.feed(spoken("баланс"))
        fed, pieces = 0.2, 1
        while not stream.ended:
            assert fed < end_after + 1.5
            stream.feed(bytes(1600))
            fed, pieces = fed + 0.1, pieces + 1
            await worked_through(stream, pieces)
        assert fed > end_after - 0.5, "the synthesizer ends its words with some silence, too"
        assert (await stream.result(WITHIN)).text == "баланс"


def spoilt(folder: Path, file: str, data: bytes) -> Models:
    """Ukrainian is whole; Russian looks so from outside, but `file` in it is spoilt."""
    whole = shipped_models().usable["uk"].folder
    shutil.copytree(whole, folder)
    (folder / file).write_bytes(data)
    models = find_models({"uk": whole, "ru": folder})
    assert models.usable.keys() == {"uk", "ru"}
    return models


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("am/final.mdl", b"this is no network"),
        ("conf/model.conf", b"--no-such-option=1\n"),
        ("conf/mfcc.conf", b"--sample-frequency=8000\n--num-ceps=3\n"),
    ],
)
async def test_a_model_that_vosk_cannot_use_costs_its_language_only(
    tmp_path: Path, file: str, data: bytes
) -> None:
    with capture_logs() as logs:
        async with speech_pool(spoilt(tmp_path / "ru", file, data)) as pool:
            assert pool.languages == {"uk"}
            await whole(pool)
            await hears(pool.open("uk", PHRASES), "так")
            with pytest.raises(NoModel, match="load"):
                pool.open("ru", PHRASES)
            assert "ru: keys only, because the recogniser" in describe(pool.health())
    said = [one["text"] for one in logs if one["event"] == "speech_worker_said"]
    assert said, "the log tells what Vosk says of it"
    assert all(0 < len(text) <= 300 for text in said)


CRASHING = """
import os, signal, socket, sys
from ivr.speech.wire import Kind, orders_from, pack
del sys.argv[1:-1]
orders = orders_from(sys.argv[1])
if "ru" in orders.models:
    socket.socket(fileno=orders.socket).sendall(pack(Kind.LOADING, 0, b"ru"))
    os.kill(os.getpid(), signal.SIGSEGV)
from ivr.speech.worker import main
main()
"""


async def test_a_model_that_crashes_vosk_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first crash may be chance; after the second the others load without it."""
    program, folder = tmp_path / "python", shipped_models().usable["uk"].folder
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{CRASHING}' \"$@\"\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    async with speech_pool(find_models({"uk": folder, "ru": folder}), workers=1) as pool:
        await eventually(lambda: pool.health().workers_alive == 1, WITHIN)
        assert pool.languages == {"uk"}
        assert pool.health().restarts == 2
        with pytest.raises(NoModel, match="crashes while it loads"):
            pool.open("ru", PHRASES)
        await hears(pool.open("uk", PHRASES), "так")


async def test_without_any_model_there_are_no_processes() -> None:
    pool = SpeechPool(Models({}, {"uk": "there is no folder x"}))
    await pool.start()
    assert pool.pids == ()
    with pytest.raises(NoModel, match="there is no folder x"):
        pool.open("uk", PHRASES)
    assert describe(pool.health()) == "uk: keys only, because there is no folder x"
    await pool.stop()


async def test_stopping_ends_everything() -> None:
    files = open_files()
    async with speech_pool() as pool:
        pids, stream = pool.pids, pool.open("uk", PHRASES)
        assert len(pids) == 2
        await pool.stop()
        await loses(stream)
        assert all(map(gone, pids))
    assert open_files() <= files + 2, "the event loop itself keeps two"


async def test_two_hundred_utterances_leave_nothing_behind() -> None:
    async with speech_pool(workers=1) as pool:
        await hears(pool.open("uk", PHRASES), "так")
        worker = psutil.Process(pool.pids[0])
        await utterances(pool, 40)
        before = (open_files(), worker.num_fds(), worker.num_threads(), worker.memory_info().rss)
        await utterances(pool, 200)
        after = (open_files(), worker.num_fds(), worker.num_threads(), worker.memory_info().rss)
        assert after[:3] == before[:3]
        assert after[3] - before[3] < 30_000_000
        assert pool.health().streams == pool.health().restarts == 0


async def utterances(pool: SpeechPool, count: int) -> None:
    sound = spoken("так")
    for number in range(count):
        stream = pool.open("uk", None if number % 10 == 0 else PHRASES)
        stream.feed(sound)
        if number % 3:
            assert (await stream.result(WITHIN)).text == "так"
        stream.close()


def open_files() -> int:
    """Without those that nobody can reach any more."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


SERVER = """
import asyncio, os, pathlib, signal, sys
from ivr.speech.models import find_models
from ivr.speech.pool import SpeechPool
from ivr.speech.settings import SpeechSettings

async def main():
    pool = SpeechPool(find_models({"uk": pathlib.Path(sys.argv[1])}), SpeechSettings(hang_after=600))
    await pool.start()
    os.kill(pool.pids[1], signal.SIGSTOP)
    print("workers", *pool.pids, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_workers_end_with_a_server_that_is_killed() -> None:
    """Also one that hangs and would never notice."""
    folder = str(shipped_models().usable["uk"].folder)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        pids = next([int(pid) for pid in line.split()[1:]] for line in lines if line.startswith("workers "))
        assert len(pids) == 2
        assert not any(map(gone, pids))
        server.kill()
    asyncio.run(eventually(lambda: all(map(gone, pids)), WITHIN, "the workers are gone"))


async def test_a_measuring_pool_tells_how_late_each_piece_was() -> None:
    async with speech_pool(workers=1, measure=1) as pool:
        stream = pool.open("uk", PHRASES)
        sound = spoken("так")
        for at in range(0, len(sound), 320):
            stream.feed(sound[at : at + 320])
        await stream.result(WITHIN)
        await eventually(lambda: len(stream.latencies) == -(-len(sound) // 320), WITHIN)
        assert 0 < max(stream.latencies) < WITHIN


def test_settings_have_at_least_one_thread() -> None:
    assert SpeechSettings().threads >= 1


async def test_both_sides_of_a_pause_belong_to_a_patient_utterance() -> None:
    words = number_vocabulary("uk")
    async with speech_pool() as pool:
        patient, hasty = pool.open("uk", words, patient=True), pool.open("uk", words)
        for frame in range(0, len(first := spoken("двадцять п'ять") + bytes(16_000 * 3)), 320):
            patient.feed(first[frame : frame + 320])
            hasty.feed(first[frame : frame + 320])
            await asyncio.sleep(0)
        await eventually(lambda: hasty.ended, WITHIN, "the hasty one takes the pause for the end")
        assert not patient.ended
        for stream in (patient, hasty):
            stream.feed(spoken("сорок сім"))
        assert (await patient.result(WITHIN)).text == "двадцять п'ять сорок сім"
        assert (await hasty.result(WITHIN)).text == "двадцять п'ять"
