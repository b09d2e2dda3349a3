"""What one event costs the core and how that grows: `python -m tests.benchmarks.core_events --out FOLDER`.

A centre under overload: all operators busy, N calls waiting in 50 queues, a caller enters for each one that
leaves. Each event is timed on its own, with `next_deadline` as the service asks for it after each event. The
garbage collector runs as in a server (frozen after set-up). Every sample has the clock on the wall and the
time on the CPU, so that a slow one can be told: a garbage collection, the machine (other programs), or the
event.
"""

import argparse
import gc
import json
import platform
import random
import statistics
import time
import tracemalloc
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from acd.core import commands as c
from acd.core import events as e
from acd.core.center import Center
from acd.core.settings import CenterSettings, Need, OperatorSettings, QueueSettings, Relaxation
from acd.core.words import CallId, OfferId, OperatorId, QueueId

QUEUES = 50
START = 1_700_000_000.0
LANGUAGES = ("uk", "ru", "en")


@dataclass
class Result:
    """One size. Times in microseconds, memory in MiB."""

    waiting: int
    operators: int
    events: int
    p50: float
    p99: float
    p999: float
    max: float
    cpu_p99: float
    cpu_max: float
    """Garbage collections left out: those are the server's to tune, see `gc.set_threshold`."""
    max_is: str
    gc_runs: int
    events_over_100us: int
    by_kind: dict[str, tuple[float, float]]
    memory: float
    position_p99: float
    view_ms: float
    checkpoint_ms: float
    best_p50: float = 0.0
    best_p99: float = 0.0
    best_max: float = 0.0


def make_settings(operators: int, rng: random.Random) -> CenterSettings:
    """Every operator serves 1 to 5 queues and speaks some languages at some level."""
    ids = [QueueId(f"q{number}") for number in range(QUEUES)]
    need = Need("uk", 3, (Relaxation(60.0, 1), Relaxation(600.0, 0)))
    queues = {
        each: QueueSettings(
            id=each, name=each, needs=(need,) if number % 3 == 0 else (), priority=number % 2, wrap_up_for=0.2
        )
        for number, each in enumerate(ids)
    }
    people = {}
    for number in range(operators):
        name = OperatorId(f"op{number}")
        served = {ids[number % QUEUES], *rng.sample(ids, rng.randint(0, 4))}
        skills = {language: rng.randint(1, 10) for language in rng.sample(LANGUAGES, rng.randint(1, 3))}
        people[name] = OperatorSettings(
            id=name, name=name, phone=name, queues=frozenset(served), skills=skills
        )
    return CenterSettings(queues=queues, operators=people)


@dataclass
class Load:
    """Keeps the centre at its size: whoever leaves is replaced, every offer becomes a talk."""

    center: Center
    rng: random.Random
    at: float = START
    calls: int = 0
    pending: list[e.Event] = field(default_factory=list)
    talking: list[OfferId] = field(default_factory=list)
    aim: int = 0
    """So many calls shall wait."""

    def queued(self) -> e.CallQueued:
        self.calls += 1
        needs = self.rng.choice([(), (), (Need("ru", 2, (Relaxation(30.0, 0),)),), (Need("en", 4),)])
        return e.CallQueued(
            at=self.at,
            call=CallId(f"c{self.calls}"),
            queue=QueueId(f"q{self.rng.randrange(QUEUES)}"),
            caller=f"05{self.rng.randrange(10**8):08}",
            needs=needs,
        )

    def next(self) -> e.Event:
        """The event that comes next."""
        self.at += self.rng.expovariate(200.0)
        due = self.center.next_deadline()
        if due is not None and due <= self.at:
            return e.Tick(at=due)
        if self.pending:
            return self._now(self.pending.pop(0))
        if self.rng.random() < 0.1:
            return e.CallerHungUp(at=self.at, call=self._somebody())
        if self.center.state.waiting < self.aim:
            return self.queued()
        if not self.talking:
            return e.Tick(at=self.at)
        return e.TalkEnded(at=self.at, offer=self.talking.pop(self.rng.randrange(len(self.talking))))

    def _somebody(self) -> CallId:
        halls = [hall for hall in self.center._desk.index.halls.values() if hall.line]
        return self.rng.choice(self.rng.choice(halls).line)[3] if halls else CallId("nobody")

    def _now(self, event: e.Event) -> e.Event:
        object.__setattr__(event, "at", self.at)
        return event

    def react(self, commands: tuple[c.Command, ...]) -> None:
        """The switch's answers come later, in order."""
        for command in commands:
            match command:
                case c.Offer():
                    self.pending.append(e.PhoneRang(at=self.at, offer=command.offer))
                    self.pending.append(e.OperatorAnswered(at=self.at, offer=command.offer))
                case c.Connect():
                    self.pending.append(e.TalkStarted(at=self.at, offer=command.offer))
                    self.talking.append(command.offer)
                case _:
                    pass


def fill(waiting: int, operators: int) -> Load:
    """A centre with everybody talking and `waiting` calls in line."""
    rng = random.Random(7)
    settings = make_settings(operators, rng)
    load = Load(Center(settings, START), rng, aim=waiting)
    for who in settings.operators:
        load.center.apply(e.PhoneReachable(at=START, operator=who, reachable=True))
        load.center.apply(e.OperatorLoggedIn(at=START, operator=who))
    while load.center.state.waiting < waiting:
        load.react(load.center.apply(load.queued()).commands)
        while load.pending:
            load.react(load.center.apply(load._now(load.pending.pop(0))).commands)
    return load


class GcWatch:
    """Counts the collector's runs, so that a slow event can be told from a collection."""

    def __init__(self) -> None:
        self.runs = 0
        gc.callbacks.append(self)

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        self.runs += phase == "start"

    def close(self) -> None:
        gc.callbacks.remove(self)


def measure(waiting: int, operators: int, events: int, runs: int) -> Result:
    """Time the same `events` events `runs` times from the same start; figures are of the first run.

    The best of the runs for each event tells its own cost, without what other programs took from the machine.
    """
    tracemalloc.start()
    fill(waiting, operators)
    memory = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    load, samples = _run(waiting, operators, events)
    others = [[each.took for each in _run(waiting, operators, events)[1]] for _ in range(runs - 1)]
    best = sorted(min(times) for times in zip([each.took for each in samples], *others, strict=True))
    result = _summary(load, samples, waiting, operators, memory)
    result.best_p50, result.best_p99, result.best_max = _share(best, 0.5), _share(best, 0.99), best[-1]
    return result


def _run(waiting: int, operators: int, events: int) -> tuple["Load", list["Sample"]]:
    load = fill(waiting, operators)
    gc.collect()
    gc.freeze()
    watch = GcWatch()
    for _ in range(2000):  # warm-up: lanes are made, caches fill
        load.react(load.center.apply(load.next()).commands)
    samples = [_one(load, watch) for _ in range(events)]
    watch.close()
    gc.unfreeze()
    return load, samples


class Sample(NamedTuple):
    """One event; microseconds."""

    took: float
    on_cpu: float
    kind: str
    collected: bool

    @property
    def explanation(self) -> str:
        """Why it took so long."""
        if self.on_cpu < self.took / 2:
            return "the machine"
        return "a collection" if self.collected else f"a {self.kind}"


def _one(load: Load, watch: GcWatch) -> Sample:
    event, runs = load.next(), watch.runs
    cpu_begin, begin = time.thread_time_ns(), time.perf_counter_ns()
    outcome = load.center.apply(event)
    load.center.next_deadline()
    took = (time.perf_counter_ns() - begin) / 1000
    on_cpu = (time.thread_time_ns() - cpu_begin) / 1000
    load.react(outcome.commands)
    return Sample(took, on_cpu, type(event).__name__, watch.runs > runs)


def _summary(load: Load, samples: list[Sample], waiting: int, operators: int, memory: float) -> Result:
    times = sorted(sample.took for sample in samples)
    cpu_times = sorted(sample.on_cpu for sample in samples)
    kinds = {sample.kind for sample in samples}
    of_kind = {kind: sorted(each.took for each in samples if each.kind == kind) for kind in kinds}
    return Result(
        waiting=waiting,
        operators=operators,
        events=len(times),
        p50=_share(times, 0.5),
        p99=_share(times, 0.99),
        p999=_share(times, 0.999),
        max=times[-1],
        cpu_p99=_share(cpu_times, 0.99),
        cpu_max=max(sample.on_cpu for sample in samples if not sample.collected),
        max_is=max(samples).explanation,
        gc_runs=sum(sample.collected for sample in samples),
        events_over_100us=sum(took > 100 for took in times),
        by_kind={kind: (_share(each, 0.5), _share(each, 0.99)) for kind, each in sorted(of_kind.items())},
        memory=memory,
        position_p99=_position_cost(load),
        view_ms=_milliseconds(lambda: load.center.view(load.at)),
        checkpoint_ms=_milliseconds(load.center.checkpoint),
    )


def _share(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _position_cost(load: Load) -> float:
    calls = [call.id for call in load.center.waiting_calls()][:1000]
    times = []
    for call in calls:
        begin = time.perf_counter_ns()
        load.center.position(call)
        times.append((time.perf_counter_ns() - begin) / 1000)
    return _share(sorted(times), 0.99)


def _milliseconds(work: object) -> float:
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        work()  # type: ignore[operator]
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def show(results: list[Result], console: Console) -> None:
    """The table of the README."""
    table = Table(title=f"One event of the core, µs (50 queues; Python {platform.python_version()})")
    heads = ("waiting", "operators", "p50", "p99", "p99.9", "max", "max is", "max on CPU without gc")
    for head in (
        *heads,
        "best p50",
        "best p99",
        "best max",
        "MiB",
        "position p99",
        "view ms",
        "checkpoint ms",
    ):
        table.add_column(head, justify="right")
    for r in results:
        times = (r.p50, r.p99, r.p999, r.max)
        best = (r.cpu_max, r.best_p50, r.best_p99, r.best_max)
        rest = (r.memory, r.position_p99, r.view_ms, r.checkpoint_ms)
        table.add_row(
            f"{r.waiting:,}",
            f"{r.operators:,}",
            *(f"{each:.0f}" for each in times),
            r.max_is,
            *(f"{each:.0f}" for each in best),
            *(f"{each:.1f}" for each in rest),
        )
    console.print(table)
    kinds = Table(title=f"By event, p50 / p99 µs, {results[-1].waiting:,} waiting")
    kinds.add_column("event")
    kinds.add_column("p50", justify="right")
    kinds.add_column("p99", justify="right")
    for kind, (p50, p99) in results[-1].by_kind.items():
        kinds.add_row(kind, f"{p50:.1f}", f"{p99:.1f}")
    console.print(kinds)


def save(results: list[Result], out: Path) -> None:
    """`core_events.json` and `core_events.png`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    out.mkdir(parents=True, exist_ok=True)
    (out / "core_events.json").write_text(json.dumps([asdict(each) for each in results], indent=1))
    sizes = [each.waiting for each in results]
    figure, axes = plt.subplots(figsize=(7, 4))
    for name in ("p50", "p99", "p999", "max", "best_p99"):
        axes.plot(sizes, [getattr(each, name) for each in results], marker="o", label=name)
    axes.axhline(100, color="grey", linestyle=":", label="aim for p99: 100 µs")
    axes.set(xscale="log", yscale="log", xlabel="waiting calls (operators: a tenth)", ylabel="µs per event")
    axes.legend()
    figure.tight_layout()
    figure.savefig(out / "core_events.png", dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for core_events.json and core_events.png")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument(
        "--runs", type=int, default=3, help="the same events again, to tell the machine's noise"
    )
    options = parser.parse_args()
    results = [
        measure(n, ops, options.events, options.runs) for n, ops in ((100, 10), (1_000, 100), (10_000, 1_000))
    ]
    show(results, Console(width=180))
    if options.out:
        save(results, options.out)


if __name__ == "__main__":
    main()
