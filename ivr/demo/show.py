"""From the settings to the demo's summary and exit code."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from rich.console import Console

from acd.core.facts import CallCompleted, CallLeft, Record
from acd.core.line_report import line_report
from ivr.about import read_dialplan
from ivr.app import Server, build
from ivr.asterisk.ami import Ami, AmiTimeout
from ivr.asterisk.instance_ports import free_addresses
from ivr.config import Settings
from ivr.demo.roles import ROLES
from ivr.demo.stage import Stage
from ivr.demo.tables import sound_table, spoken_table, words_were_understood
from ivr.dialplan.loader import Loaded
from ivr.errors import Plain
from ivr.free_ports import take_ports
from ivr.hooks.example import ExampleService
from ivr.logs import set_up_logs
from ivr.own_asterisk import CALLER_PHONES, own_asterisk
from ivr.reports import breaches, spreads
from ivr.speech import TEST_MODELS
from ivr.speech.models import LANGUAGES, find_models
from ivr.terminal import reports as terminal
from ivr.terminal.screen import CenterScreen

OPERATORS = 3
_MODELS_WITHIN = 30.0
"""Seconds for the models to be loaded."""
_LINK_WITHIN = 10.0
"""Seconds for Asterisk to let the server in."""
_OTHER_MODELS = "The callers' voices are synthetic: this tells little of how real callers are understood."
_SYNTHETIC = (
    "The callers' voices and the speech models of this demo are synthetic and know each other only;"
    " real callers need an official Vosk model (README.md says how)."
)


async def show(settings: Settings, seconds: int, models: Path | None = None) -> int:
    """Run the demo and print its summary; 0 if every talk was heard on both sides and words were understood.

    `models`: the folder of the speech models, None: the shipped ones. Callers press keys in languages without
    one.
    """
    if shutil.which("baresip") is None:
        raise Plain("the demo needs the softphone baresip; start it as ./dzvin demo, which installs it.")
    console = Console(highlight=False)
    about = _SYNTHETIC if models is None else _OTHER_MODELS
    facts: list[Record] = []
    async with AsyncExitStack() as stack:
        service = ExampleService()
        await service.start()
        stack.push_async_callback(service.stop)
        demo = _own_settings(settings, (models or TEST_MODELS).absolute(), service.url)
        log = stack.enter_context((demo.run_folder / "demo.log").open("w", encoding="utf-8"))
        set_up_logs(demo, log)
        server = await stack.enter_async_context(_server(demo, console))
        server.add_sink(lambda records: facts.extend(records))
        speaks = await _speaks(server, _why_keys(demo), console)
        if speaks:
            console.print(about, soft_wrap=True)
        stage = Stage(server, demo.run_folder / "phones", seconds, speaks)
        await _play(stage, server, console)
        taken = len(service.taken)
    _sum_up(facts, server.loaded, taken, console)
    return _judge(stage, facts, about if speaks else "", console)


def _own_settings(settings: Settings, models: Path, service: str) -> Settings:
    """Ports and folders of its own, so that it runs beside a live system."""
    folder = settings.run_folder.parent / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise Plain(f"the folder {folder} cannot be written: {error.strerror}.") from None
    addresses = free_addresses()
    ports = {name: getattr(addresses, name) for name in ("sip_port", "ami_port", "fastagi_port")}
    rtp = {"rtp_first": addresses.rtp_first, "rtp_last": addresses.rtp_last}
    own = {
        "run_folder": folder,
        "asterisk_name": "demo",
        "asterisk": "own",
        "database_url": "",
        "mqtt_url": "",
        "speech_models": str(models),
        "web_address": service,
        "hook_token_file": None,
    }
    hosts = {"sip_host": "127.0.0.1", "ami_secret_file": None, "http_port": take_ports(1)}
    return settings.model_copy(update={**ports, **rtp, **own, **hosts})


@asynccontextmanager
async def _server(settings: Settings, console: Console) -> AsyncIterator[Server]:
    console.print("Starting Asterisk and the server ...")
    asterisk = own_asterisk(settings, read_dialplan(settings))
    await asterisk.start()
    try:
        server = await build(settings)
        try:
            await server.start()
            await _let_in(server.ami, settings)
            yield server
        finally:
            await server.stop()
    finally:
        await asterisk.stop(remove=True)


async def _let_in(ami: Ami, settings: Settings, within: float = _LINK_WITHIN) -> None:
    """Plain: Asterisk does not take the server's AMI link."""
    try:
        await ami.until_ready(within)
    except AmiTimeout as error:
        log = settings.run_folder / "demo.log"
        raise Plain(f"Asterisk does not let the server in: {error}; {log} says why.") from None


def _why_keys(settings: Settings) -> Mapping[str, str]:
    """Languages in which callers press keys, and why."""
    if shutil.which("espeak-ng") is None:
        why = "espeak-ng, which gives the callers their voices, is not installed"
        return dict.fromkeys(LANGUAGES, why)
    return find_models(settings.speech_folders).problems


async def _speaks(server: Server, why_keys: Mapping[str, str], console: Console) -> Sequence[str]:
    """The languages in which callers speak, once their models are loaded."""
    for language, why in sorted(why_keys.items()):
        console.print(f"Callers in {language} press keys: {why}.", soft_wrap=True)
    speaks = [language for language in LANGUAGES if language not in why_keys]
    if not speaks:
        return ()
    if not await server.equipment.until_loaded(_MODELS_WITHIN):
        console.print("All callers press keys: the speech models could not be loaded, see demo.log.")
        return ()
    return [language for language in speaks if language in server.health().speech.languages]


async def _play(stage: Stage, server: Server, console: Console) -> None:
    screen = CenterScreen(server.view, title="Dzvin demo", console=console)
    server.add_sink(screen)
    async with AsyncExitStack() as stack:
        watching = asyncio.create_task(screen.run())
        try:
            await _act(stage, server.loaded, stack, screen)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _act(stage: Stage, loaded: Loaded, stack: AsyncExitStack, screen: CenterScreen) -> None:
    screen.note("Operators' softphones register and log in by dialling *10.")
    for phone in loaded.phones[:OPERATORS]:
        await stage.operator(stack, phone.name)
    screen.note("Callers dial 100 and 400, speak or press keys, wait, and talk: each in a tone of its own.")
    for name in CALLER_PHONES:
        await stage.caller(stack, name, screen)
    await stage.run(ROLES)


def _sum_up(facts: Sequence[Record], loaded: Loaded, taken: int, console: Console) -> None:
    report = line_report(facts)
    completed = sum(isinstance(record.fact, CallCompleted) for record in facts)
    left = sum(isinstance(record.fact, CallLeft) for record in facts)
    console.print()
    promise = loaded.settings.talk_within
    terminal.show(terminal.line_report(spreads(report), breaches(report), promise), console)
    console.print(
        f"\n{completed} talks, {left} callers who left without one, {taken} meter readings taken.\n"
    )


def _judge(stage: Stage, facts: Sequence[Record], about: str, console: Console) -> int:
    """Tables of words and of sound; 0 if talks were heard and words understood.

    `about`: a remark on the words; '': none were said.
    """
    well = True
    if about:
        terminal.show(spoken_table(stage.spoken), console)
        console.print(about + "\n", soft_wrap=True)
        well = words_were_understood(stage.spoken)
    sound, both_ways = sound_table(stage)
    terminal.show(sound, console)
    talked = any(isinstance(record.fact, CallCompleted) for record in facts)
    return 0 if talked and both_ways and well else 1
