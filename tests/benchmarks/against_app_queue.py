"""From an operator's hang-up to the next call at the same phone, while callers wait: ours beside app_queue.

    .dzvin/venv/bin/python -m tests.benchmarks.against_app_queue --out tests/benchmarks/results

One Asterisk, one run, the same loads one after the other: sipp's callers dial at an even rate, sipp's
operators answer at once, talk 1.5 to 2.5 s and hang up. (With talks of exactly 2 s app_queue's look once a
second falls into step with them: all its waits are then nearly a second, or nearly none, by chance.)
app_queue has its best settings (`leastrecent`, `autofill`, `retry = 1`, no wrap-up); waiting callers hear
the same music in both. Both are measured at the phone, from sipp's trace with microseconds: nothing of ours
is asked. sipp runs at the highest priority, so that the phones' clock does not wait for a busy machine.

A sample is an operator's own hang-up at which the next caller had been waiting already. Both systems serve
in order of arrival, so the n-th call to a phone is the n-th caller's, and the trace says when that one came.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.asterisk.conf import Phone, Trunk
from ivr.asterisk.instance import AsteriskInstance
from ivr.asterisk.instance_ports import free_addresses
from ivr.priority import SERVER, go_first
from ivr.softphone.crowd import CallersCrowd, CrowdCall, OperatorsCrowd
from tests.benchmarks.app_queue_server import QUEUE_LINE, phone_numbers, server_for_benchmark
from tests.instance_asterisk import PASSWORD, PROJECT, running_asterisk

TALK_FOR = 2.0
VARIED_BY = 0.5
SETTLED_FOR = 0.5
"""Asterisk waits up to so long for a caller's first sound before the queue has the call."""
APP_QUEUE_LINE = "901"
APP_QUEUE = """
[bench]
strategy = leastrecent
autofill = yes
retry = 1
ringinuse = no
wrapuptime = 0
timeout = 15
musicclass = default
joinempty = yes
"""
EXTENSIONS = f"""
[dzvin-lines](+)
exten => {APP_QUEUE_LINE},1,Answer()
 same => n,Queue(bench)
 same => n,Hangup()
"""


@dataclass(frozen=True)
class Regime:
    name: str
    operators: int
    per_second: float
    """Calls a second; the capacity is operators / 2 s."""
    load_for: float
    """Seconds in which calls arrive."""


REGIMES = (
    Regime("near capacity", 20, 10.3, 40.0),
    Regime("moderate overload", 20, 20.0, 18.0),
    Regime("heavy overload", 40, 40.0, 25.0),
)


@dataclass(frozen=True)
class Result:
    regime: str
    system: str
    calls: int
    failed: int
    most_waiting: int
    samples: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


def sampled(calls: Sequence[CrowdCall], arrivals: Sequence[float]) -> list[float]:
    """Seconds from hang-up to the next INVITE, of phones whose next caller had arrived before the hang-up."""
    in_order = sorted(calls, key=lambda call: call.invited_at)
    last_end: dict[str, float] = {}
    found = []
    for arrived_at, call in zip(sorted(arrivals), in_order, strict=False):
        ended_at = last_end.get(call.operator)
        if ended_at is not None and arrived_at + SETTLED_FOR < ended_at:
            found.append(call.invited_at - ended_at)
        if call.ended_at is not None:
            last_end[call.operator] = call.ended_at
    return found


def most_waiting(calls: Sequence[CrowdCall], arrivals: Sequence[float]) -> int:
    """The longest line during the load, from the phones' and callers' traces."""
    steps = sorted([(at, 1) for at in arrivals] + [(call.invited_at, -1) for call in calls])
    return int(max(np.cumsum([step for _, step in steps]), default=0))


async def load(
    asterisk: AsteriskInstance, line: str, regime: Regime, folder: Path
) -> tuple[Result, list[float]]:
    """Place the regime's calls to `line` and measure at the operators' phones."""
    port = asterisk.addresses.sip_port
    accounts = [(str(number), PASSWORD) for number in phone_numbers(regime.operators)]
    operators = OperatorsCrowd(accounts, port, folder / "operators", talk_for=TALK_FOR, varied_by=VARIED_BY)
    callers = CallersCrowd(line, port, folder / "callers")
    await operators.start()
    go_first(SERVER, operators.pid)  # phones are no part of a real machine: their clock must not wait for it
    try:
        async with server_for_benchmark(asterisk, regime.operators, folder, wanted=line == QUEUE_LINE):
            count = round(regime.per_second * regime.load_for)
            await callers.start(count, regime.per_second)
            go_first(SERVER, callers.pid)
            failed = await callers.wait(within=regime.load_for + count * TALK_FOR / regime.operators + 60)
    finally:
        await callers.stop()
        await operators.stop()
    return summary(line, regime, operators.calls(), callers, failed)


def summary(
    line: str, regime: Regime, calls: list[CrowdCall], callers: CallersCrowd, failed: int
) -> tuple[Result, list[float]]:
    arrivals = [
        message.at for message in callers.messages() if message.sent and message.first_line.startswith("ACK ")
    ]
    waits = sampled(calls, arrivals)
    p50, p95, p99, most = (1000 * float(np.percentile(waits, q)) for q in (50, 95, 99, 100))
    system = "Dzvin" if line == QUEUE_LINE else "app_queue"
    line_length = most_waiting(calls, arrivals)
    return (
        Result(regime.name, system, len(calls), failed, line_length, len(waits), p50, p95, p99, most),
        waits,
    )


async def compare(regimes: Sequence[Regime], console: Console) -> tuple[list[Result], dict[str, list[float]]]:
    phones = [Phone(name=str(number), password=PASSWORD) for number in phone_numbers(40)]
    members = "".join(f"member => PJSIP/{phone.name}\n" for phone in phones)
    results, samples = [], {}
    for regime in regimes:
        async with running_asterisk(
            phones,
            trunks=(Trunk(name="crowd", hosts=("127.0.0.1",)),),
            extra_modules=("app_queue.so",),
            extra={
                "queues.conf": APP_QUEUE + "".join(members.splitlines(keepends=True)[: regime.operators]),
                "extensions.conf": EXTENSIONS,
            },
            own_music=True,
            addresses=free_addresses(rtp_ports=6000),
            music=PROJECT / "prompts" / "music",
        ) as asterisk:
            for line in (APP_QUEUE_LINE, QUEUE_LINE):
                with tempfile.TemporaryDirectory(prefix="dzvin-bench-") as folder:
                    result, waits = await load(asterisk, line, regime, Path(folder))
                results.append(result)
                samples[f"{result.regime} / {result.system}"] = waits
                console.print(
                    f"{regime.name}, {result.system}: median {result.p50_ms:.0f} ms, "
                    f"p99 {result.p99_ms:.0f} ms ({result.samples} samples)"
                )
    return results, samples


def table(results: Sequence[Result]) -> Table:
    shown = Table(title="Operator's hang-up to the next call at the same phone, while callers wait")
    for column in (
        "regime",
        "system",
        "calls",
        "most waiting",
        "samples",
        "median ms",
        "p95 ms",
        "p99 ms",
        "max ms",
    ):
        shown.add_column(column, justify="left" if column in {"regime", "system"} else "right")
    for one in results:
        figures = (f"{value:.1f}" for value in (one.p50_ms, one.p95_ms, one.p99_ms, one.max_ms))
        shown.add_row(
            one.regime, one.system, str(one.calls), str(one.most_waiting), str(one.samples), *figures
        )
    return shown


def plot(samples: dict[str, list[float]], path: Path) -> None:
    """One panel a regime: the share of calls (y) that came within so many milliseconds (x, logarithmic)."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    regimes = list(dict.fromkeys(key.split(" / ")[0] for key in samples))
    figure, panels = plt.subplots(
        1, len(regimes), figsize=(4.2 * len(regimes), 3.4), sharey=True, squeeze=False
    )
    for panel, regime in zip(panels[0], regimes, strict=True):
        for system, colour, style in (("app_queue", "#b3541e", "--"), ("Dzvin", "#0b6e4f", "-")):
            waits = np.sort(samples.get(f"{regime} / {system}", []))
            panel.plot(
                1000 * waits, np.arange(1, len(waits) + 1) / len(waits), style, color=colour, label=system
            )
        panel.set(xscale="log", title=regime, xlabel="milliseconds", xlim=(1, 2000), ylim=(0, 1.01))
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel("share of calls")
    panels[0][0].legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, default=Path("tests/benchmarks/results"))
    words.add_argument("--regime", choices=[regime.name for regime in REGIMES], action="append")
    chosen = words.parse_args()
    wanted = [regime for regime in REGIMES if chosen.regime is None or regime.name in chosen.regime]
    console = Console()
    results, samples = asyncio.run(compare(wanted, console))
    chosen.out.mkdir(parents=True, exist_ok=True)
    plot(samples, chosen.out / "against_app_queue.png")
    rows = json.dumps([asdict(result) for result in results], indent=1)
    (chosen.out / "against_app_queue.json").write_text(rows + "\n")
    console.print(table(results))


if __name__ == "__main__":
    main()
