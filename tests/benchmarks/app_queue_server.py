"""Our server in a process of its own, beside an Asterisk that a benchmark started; all operators logged in.

python -m tests.benchmarks.app_queue_server    (settings from DZVIN_*; started by the benchmark itself)
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from acd.core.events import OperatorLoggedIn
from acd.service import AcdService
from ivr.app import build
from ivr.asterisk.instance import AsteriskInstance
from ivr.config import load_settings
from ivr.dialplan.recordings import spoken_by_itself
from ivr.logs import set_up_logs
from ivr.loop import run
from ivr.softphone.tone import write_tone
from tests.eventually import eventually
from tests.instance_asterisk import AMI_SECRET, PROJECT
from tests.real import free_port

QUEUE_LINE = "900"
READY = "operators are logged in"
PROMPTS = (*spoken_by_itself(), "system-away", "system-away-no-fallback")


def phone_numbers(operators: int) -> range:
    return range(601, 601 + operators)


def plan(operators: int) -> str:
    """A line that goes straight into a queue; `operators` phones 601, 602, ... without wrap-up."""
    people = "".join(
        f"  op{number}: {{ name: {{ en: Op {number} }}, "
        f"phone: {{ number: {number}, kind: generic }}, queues: [bench] }}\n"
        for number in phone_numbers(operators)
    )
    return f"""
center: {{ languages: [en], operator: ask, otherwise: ask }}
lines:
  bench: {{ name: {{ en: Bench }}, numbers: [{QUEUE_LINE}], start: ask }}
steps:
  ask: {{ queue: bench, after-talk: end }}
  end: {{ hang-up: [] }}
queues:
  bench: {{ name: {{ en: Bench }}, ring: 15 s, wrap-up: 0 s, keep-place: 0 s }}
operators:
{people}"""


@asynccontextmanager
async def server_for_benchmark(
    asterisk: AsteriskInstance, operators: int, folder: Path, wanted: bool
) -> AsyncIterator[None]:
    """Runs it during the load; does nothing where it is not `wanted`."""
    if not wanted:
        yield
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.app_queue_server"),
        cwd=PROJECT,
        env=_environment(asterisk, operators, folder),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # as `dzvin run` does
    )
    try:
        assert process.stdout is not None
        while (said := await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip() != READY:
            if not said:
                raise RuntimeError("our server ended before its operators were logged in")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _environment(asterisk: AsteriskInstance, operators: int, folder: Path) -> dict[str, str]:
    addresses = asterisk.addresses
    for name in ("plan", "prompts/en", "run"):
        (folder / name).mkdir(parents=True)
    (folder / "plan" / "bench.yaml").write_text(plan(operators))
    for prompt in PROMPTS:
        write_tone(folder / "prompts" / "en" / f"{prompt}.wav", 440.0, 0.2)
    (folder / "ami").write_text(AMI_SECRET)
    return os.environ | {
        "DZVIN_DIALPLANS": str(folder / "plan"),
        "DZVIN_PROMPTS": str(folder / "prompts"),
        "DZVIN_RUN_FOLDER": str(folder / "run"),
        "DZVIN_AMI_SECRET_FILE": str(folder / "ami"),
        "DZVIN_SIP_PORT": str(addresses.sip_port),
        "DZVIN_AMI_PORT": str(addresses.ami_port),
        "DZVIN_FASTAGI_PORT": str(addresses.fastagi_port),
        "DZVIN_HTTP_PORT": str(free_port()),
        "DZVIN_ASTERISK": "existing",
        "DZVIN_LOG_LEVEL": "warning",
    }


async def main() -> None:
    settings = load_settings()
    set_up_logs(settings)
    server = await build(settings)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, stopped.set)
    await server.start()
    await server.ami.until_ready(10)
    try:
        await _log_in(server.service)
        print(READY, flush=True)
        await stopped.wait()
    finally:
        await server.stop()


async def _log_in(service: AcdService) -> None:
    """Every operator, and wait until the switch says that all phones are reachable."""
    for operator in service.center.settings.operators:
        await service.ask(OperatorLoggedIn(at=service.now(), operator=operator))
    await eventually(
        lambda: all(one.reachable and one.activity == "idle" for one in service.view().operators),
        within=20,
        what="all operators idle",
    )


if __name__ == "__main__":
    run(main())
