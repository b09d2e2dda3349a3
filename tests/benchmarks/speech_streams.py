"""How many callers may speak at once: live streams until a piece of sound is heard 100 ms late at p95.

    .dzvin/venv/bin/python -m tests.benchmarks.speech_streams --out tests/benchmarks/results
    ... --models FOLDER --language uk     # an official model: what real callers cost
    ... --asterisk 50                     # beside an Asterisk with 50 calls that hear music
    ... --any-words                       # without phrases: what a dictated message costs

Each stream is a caller who speaks all the time: an utterance of one to three of the phrases by espeak-ng, its
result, the next utterance. Sound comes in frames of 20 ms at the pace of a telephone line. `late`: from a
frame's arrival until the recogniser has worked through it. `result`: from the end of an utterance to its
words. `pacer`: worst lateness of the benchmark's own clock; if it is high, the machine is at its end. Memory
is the growth of the workers' resident memory over that without streams.

The shipped test models are much smaller than real ones: their figures say what the machinery costs.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from ivr.asterisk.conf import Trunk
from ivr.asterisk.instance_ports import free_addresses
from ivr.loop import run
from ivr.softphone.crowd import CallersCrowd
from ivr.speech.models import find_models, model_folders
from ivr.speech.pool import SpeechPool
from ivr.speech.port import SpeechError
from ivr.speech.recognition import WorkerRecognition
from ivr.speech.settings import SpeechSettings
from tests.instance_asterisk import PROJECT, running_asterisk
from tests.speech import MODELS, spoken

LATE = 0.1
FRAME = 320
FRAME_FOR = 0.02
PHRASES = {
    "uk": ("так", "ні", "баланс", "оператор", "показник", "посилка", "борг", "тарифи"),
    "ru": ("да", "нет", "баланс", "оператор", "показания", "посылка", "долг", "тарифы"),
    "en": ("yes", "no", "balance", "operator", "reading", "parcel", "bill", "rates"),
}
LEVELS = (1, 10, 20, 40, 60, 80, 120, 160, 240, 320, 480, 640)
MUSIC_LINE = "901"
EXTENSIONS = f"""
[dzvin-lines](+)
exten => {MUSIC_LINE},1,Answer()
 same => n,MusicOnHold(default,3600)
 same => n,Hangup()
"""


@dataclass(frozen=True)
class Level:
    """Times in milliseconds, memory in MB."""

    streams: int
    utterances: int
    right: float
    """Share of utterances whose words came back as they were said."""
    failed: int
    late_p50: float
    late_p95: float
    late_max: float
    result_p50: float
    result_p95: float
    cores: float
    """CPU that the workers took, in cores."""
    memory: float
    """For each stream."""
    pacer_max: float


class Caller:
    """Speaks without end. `frame()` at each 20 ms."""

    def __init__(self, pool: SpeechPool, language: str, any_words: bool, rng: random.Random) -> None:
        self.late: list[float] = []
        self.results: list[float] = []
        self.right = self.failed = 0
        self._pool, self._language, self._any_words, self._rng = pool, language, any_words, rng
        self._frames: Iterator[bytes] = iter(())
        self._stream: WorkerRecognition | None = None
        self._said = ""
        self._ending: set[asyncio.Task[None]] = set()

    def frame(self) -> None:
        if self._stream is None:
            self._begin()
        if self._stream is None:
            return
        frame = next(self._frames, None)
        if frame is not None:
            self._stream.feed(frame)
            return
        task = asyncio.create_task(self._end(self._stream, self._said))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._stream = None

    async def stop(self) -> None:
        if self._stream is not None:
            self._stream.close()
        await asyncio.gather(*self._ending)

    def _begin(self) -> None:
        self._said = self._rng.choice(utterances(self._language))
        sound = spoken(self._said, self._language)
        self._frames = (sound[at : at + FRAME] for at in range(0, len(sound), FRAME))
        try:
            self._stream = self._pool.open(
                self._language, None if self._any_words else PHRASES[self._language]
            )
        except SpeechError:
            self.failed += 1

    async def _end(self, stream: WorkerRecognition, said: str) -> None:
        began = time.monotonic()
        try:
            heard = await stream.result(10)
        except SpeechError:
            self.failed += 1
        else:
            self.results.append(time.monotonic() - began)
            self.right += heard.text == said
        self.late += stream.latencies


@cache
def utterances(language: str) -> list[str]:
    """One to three phrases in one breath: a longer pause would be the end. Spoken once, before the load."""
    rng = random.Random(1)
    chosen = [" ".join(rng.choices(PHRASES[language], k=1 + number % 3)) for number in range(30)]
    for said in chosen:
        spoken(said, language)
    return chosen


async def level(pool: SpeechPool, streams: int, options: argparse.Namespace, idle: float) -> Level:
    rng = random.Random(streams)
    callers = [Caller(pool, options.language, options.any_words, rng) for _ in range(streams)]
    cpu, memory, pacer = cpu_of(pool), 0.0, 0.0
    began = time.monotonic()
    for number in itertools.count():
        due = began + number * FRAME_FOR
        if due > began + options.seconds:
            break
        # Callers do not begin in step: each group of them speaks up to a second later than the others.
        for caller in callers[: 1 + number * streams // 50]:
            caller.frame()
        if number % 50 == 0:
            memory = max(memory, memory_of(pool) - idle)
        wait = due + FRAME_FOR - time.monotonic()
        pacer = max(pacer, -wait)
        await asyncio.sleep(max(0.0, wait))
    cores = (cpu_of(pool) - cpu) / (time.monotonic() - began)
    for caller in callers:
        await caller.stop()
    return summary(callers, cores, memory / streams, pacer)


def summary(callers: Sequence[Caller], cores: float, memory: float, pacer: float) -> Level:
    late = [1000 * one for caller in callers for one in caller.late] or [float("inf")]
    results = [1000 * one for caller in callers for one in caller.results] or [float("inf")]
    return Level(
        streams=len(callers),
        utterances=len(results),
        right=sum(caller.right for caller in callers) / len(results),
        failed=sum(caller.failed for caller in callers),
        late_p50=float(np.percentile(late, 50)),
        late_p95=float(np.percentile(late, 95)),
        late_max=max(late),
        result_p50=float(np.percentile(results, 50)),
        result_p95=float(np.percentile(results, 95)),
        cores=cores,
        memory=memory,
        pacer_max=1000 * pacer,
    )


def memory_of(pool: SpeechPool) -> float:
    return sum(psutil.Process(pid).memory_info().rss for pid in pool.pids) / 1e6


def cpu_of(pool: SpeechPool) -> float:
    """Seconds that the workers have run so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pool.pids]
    return sum(one.user + one.system for one in times)


@contextlib.asynccontextmanager
async def calls_beside(calls: int) -> AsyncIterator[None]:
    """That many callers hear music from an Asterisk, until the end."""
    if not calls:
        yield
        return
    addresses = free_addresses(rtp_ports=max(400, 4 * calls))
    async with running_asterisk(
        trunks=(Trunk(name="crowd", hosts=("127.0.0.1",)),),
        extra={"extensions.conf": EXTENSIONS},
        addresses=addresses,
        music=PROJECT / "prompts" / "music",
        own_music=True,
    ) as asterisk:
        with tempfile.TemporaryDirectory(prefix="dzvin-bench-") as folder:
            crowd = CallersCrowd(MUSIC_LINE, addresses.sip_port, Path(folder))
            await crowd.start(calls, per_second=20)
            try:
                while await asterisk.calls() < calls:  # noqa: ASYNC110  # Asterisk can only be asked
                    await asyncio.sleep(0.5)
                yield
            finally:
                await crowd.stop()


async def measure(options: argparse.Namespace, console: Console) -> list[Level]:
    models = find_models(model_folders(options.models, Path.cwd()))
    if options.language not in models.usable:
        raise SystemExit(f"{options.language}: {models.problems[options.language]}")
    only = type(models)({options.language: models.usable[options.language]}, {})
    pool = SpeechPool(only, SpeechSettings(workers=options.workers, streams=100_000, measure=True))
    found: list[Level] = []
    utterances(options.language)
    async with calls_beside(options.asterisk):
        await pool.start()
        try:
            await level(pool, 1, argparse.Namespace(**{**vars(options), "seconds": 3}), 0.0)
            idle = memory_of(pool)
            for streams in (one for one in LEVELS if one <= options.most):
                found.append(await level(pool, streams, options, idle))
                console.print(f"{streams} streams: late p95 {found[-1].late_p95:.1f} ms")
                if found[-1].late_p95 > 1000 * LATE:
                    break
        finally:
            await pool.stop()
    return found


def table(levels: Sequence[Level], title: str) -> Table:
    shown = Table(title=title)
    names = ("streams", "utterances", "right", "failed", "late p50", "p95", "max ms", "result p50", "p95 ms")
    for column in (*names, "cores", "MB a stream", "pacer ms"):
        shown.add_column(column, justify="right")
    for one in levels:
        times = (one.late_p50, one.late_p95, one.late_max, one.result_p50, one.result_p95)
        shown.add_row(
            *(str(one.streams), str(one.utterances), f"{one.right:.0%}", str(one.failed)),
            *(f"{value:.1f}" for value in times),
            *(f"{one.cores:.2f}", f"{one.memory:.2f}", f"{one.pacer_max:.0f}"),
        )
    return shown


def verdict(levels: Sequence[Level]) -> str:
    cores, kept = os.cpu_count() or 1, [one.streams for one in levels if one.late_p95 <= 1000 * LATE]
    more = "" if len(kept) < len(levels) else " or more"
    most = max(kept, default=0)
    return f"{most} streams{more} on {cores} cores ({most / cores:.0f} a core) are heard within 100 ms at p95"


def save(levels: Sequence[Level], options: argparse.Namespace) -> None:
    """Each combination of model, load and kind of listening keeps its own results in one file."""
    path = options.out / "speech_streams.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[title(options)] = {"cores": os.cpu_count(), "levels": [asdict(one) for one in levels]}
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def title(options: argparse.Namespace) -> str:
    model = "test model" if Path(options.models) == MODELS else "model of one's own"
    listening = "any words" if options.any_words else "phrases"
    beside = f", beside {options.asterisk} calls in Asterisk" if options.asterisk else ""
    return f"{options.language}, {model}, {listening}, {options.workers} workers{beside}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for speech_streams.json")
    parser.add_argument("--models", default=str(MODELS), help="as DZVIN_SPEECH_MODELS")
    parser.add_argument("--language", choices=PHRASES, default="uk")
    parser.add_argument("--any-words", action="store_true")
    parser.add_argument("--workers", type=int, default=SpeechSettings().workers)
    parser.add_argument("--asterisk", type=int, default=0, metavar="CALLS")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each level")
    parser.add_argument("--most", type=int, default=LEVELS[-1], help="streams")
    options = parser.parse_args()
    console = Console(width=160)
    levels = run(measure(options, console))
    console.print(table(levels, title(options)))
    console.print(verdict(levels))
    if options.out:
        save(levels, options)


if __name__ == "__main__":
    main()
