"""`dzvin try`: one line of the dialplan is called in the terminal, without Asterisk."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.core.words import QueueId
from ivr.config import Settings
from ivr.dialplan.loader import Loaded, load
from ivr.dialplan.problems import DialplanErrors
from ivr.errors import Plain
from ivr.flow.actions import Ask, CallHook, Record
from ivr.flow.conditions import QueueNow, World
from ivr.flow.hook import HookAnswer, HookRequest
from ivr.flow.model import Line
from ivr.hooks.failed import HookFailed
from ivr.numbers import dialable
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts
from ivr.secrets import read_secret
from ivr.terminal.trial import TrialScreen
from ivr.trial import NotNow, Trial
from ivr.trial_words import carry_out, hint

CALL = "tried"
"""The call's id, as a web service is told."""
CALLER = "0501234567"
AskWeb = Callable[[CallHook], HookAnswer]
"""Raises HookFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the line is to be called."""

    line: str
    folder: Path | None = None
    """Of the dialplan; None: the configured one."""
    at: datetime | None = None
    """By the wall clock of the dialplan's time zone; None: now."""
    caller: str = CALLER
    language: str | None = None
    """Remembered from a former call."""
    speech: bool = True
    silent: bool = False
    web: bool = False
    """Ask the web services for real."""
    switches: tuple[str, ...] = ()
    """Those that are on."""


def try_line(settings: Settings, wish: Wish) -> None:
    """Until the call is over or the person has enough. Plain: there is no such line or language."""
    folder = wish.folder or settings.dialplans
    loaded = _read(folder, settings)
    line = _line(loaded, wish.line)
    _check_language(line, wish.language)
    _check_switches(loaded, wish.switches)
    book = PromptBook(settings.prompts, loaded.media.languages, own=own_prompts(folder))
    at = _moment(loaded, wish.at)
    trial = Trial(
        loaded.dialplan,
        line.id,
        at,
        length=book.seconds,
        max_wait=lambda queue: loaded.settings.queues[QueueId(queue)].max_wait_for,
        caller=wish.caller,
        remembered=wish.language,
        hears=line.languages if wish.speech else (),
        world=_world(loaded, wish.switches),
        check=lambda number: dialable(number, settings.number_region, loaded.outside.may_dial),
    )
    screen = TrialScreen(book.words)
    screen.head(f"{line.numbers[0]} {_name(line)}, {at:%A %d %B %Y %H:%M} {loaded.time_zone}")
    with asyncio.Runner() as runner:
        ask_web = _asker(settings, trial, runner) if wish.web else None
        if wish.silent:
            _stay_silent(trial, screen, ask_web)
        else:
            _talk(trial, screen, ask_web)
    screen.tell(f"{trial.where}; {trial.passed:.1f} s")


def _stay_silent(trial: Trial, screen: TrialScreen, ask_web: AskWeb | None) -> None:
    """Until nobody waits for an answer any more."""
    screen.show(trial.moments)
    while isinstance(trial.pending, Ask | CallHook | Record):
        if isinstance(trial.pending, Ask | Record):
            trial.stay_silent()
        elif ask_web is None:
            trial.fail_hook("nobody was asked")
        else:
            _ask_service(trial, ask_web)
        screen.show(trial.moments)


def _talk(trial: Trial, screen: TrialScreen, ask_web: AskWeb | None) -> None:
    screen.tell("/help lists what can be typed; times are those of a caller who listens to the end")
    screen.show(trial.moments)
    while trial.pending is not None:
        if isinstance(trial.pending, CallHook) and ask_web is not None:
            _ask_service(trial, ask_web)
        else:
            typed = screen.ask(hint(trial))
            if typed is None:
                trial.hang_up()
            elif _carry_out(trial, screen, typed):
                break
        screen.show(trial.moments)
    screen.show(trial.moments)


def _carry_out(trial: Trial, screen: TrialScreen, typed: str) -> bool:
    """Whether the person has enough."""
    try:
        told = carry_out(trial, typed)
    except NotNow as refusal:
        screen.tell(str(refusal))
        return False
    screen.show(trial.moments)
    if told.text:
        screen.tell(told.text)
    return told.over


def _ask_service(trial: Trial, ask_web: AskWeb) -> None:
    hook = trial.pending
    if not isinstance(hook, CallHook):
        return
    try:
        answer = ask_web(hook)
    except HookFailed as failed:
        trial.fail_hook(str(failed))
    else:
        trial.answer_hook(answer)


def _asker(settings: Settings, trial: Trial, runner: asyncio.Runner) -> AskWeb:
    from ivr.hooks.client import HookClient  # half a second, which only this needs

    token = read_secret(settings.hook_token_file) if settings.hook_token_file is not None else ""

    async def ask(hook: CallHook) -> HookAnswer:
        client = HookClient(token)
        try:
            return await client.ask(
                HookRequest(
                    url=hook.url,
                    call=CALL,
                    line=trial.session.line,
                    step=hook.step,
                    visit=hook.visit,
                    language=trial.session.language,
                    caller=trial.session.caller,
                    values=hook.values,
                    deadline=hook.deadline,
                    tries=hook.tries,
                )
            )
        finally:
            await client.close()

    return lambda hook: runner.run(ask(hook))


def _read(folder: Path, settings: Settings) -> Loaded:
    """Prompts that are not recorded yet do no harm. Plain: every mistake, a line each."""
    try:
        return load(folder, web_address=settings.web_address)
    except DialplanErrors as mistakes:
        raise Plain(f"the dialplan in {folder} has mistakes:\n{mistakes}") from None


def _line(loaded: Loaded, wanted: str) -> Line:
    line = loaded.dialplan.find_line(wanted)
    if line is not None:
        return line
    known = "\n".join(
        f"  {', '.join(line.numbers):<12} {line.id:<16} {_name(line)}"
        for line in loaded.dialplan.lines.values()
    )
    raise Plain(f"there is no line {wanted!r}; the lines are:\n{known}")


def _name(line: Line) -> str:
    return line.names.get("en") or next(iter(line.names.values()))


def _check_language(line: Line, language: str | None) -> None:
    if language is not None and language not in line.languages:
        raise Plain(f"--language {language}: the line {line.id} speaks {', '.join(line.languages)}.")


def _check_switches(loaded: Loaded, switches: tuple[str, ...]) -> None:
    for name in switches:
        if name not in loaded.names.switches:
            known = ", ".join(loaded.names.switches) or "none"
            raise Plain(f"--switch {name}: there is no such switch; the dialplan's are: {known}.")


def _moment(loaded: Loaded, at: datetime | None) -> datetime:
    zone = ZoneInfo(loaded.time_zone)
    return datetime.now(zone) if at is None else at.replace(tzinfo=zone)


def _world(loaded: Loaded, switches: tuple[str, ...]) -> World:
    """Somebody is logged in everywhere and nobody waits."""
    free = QueueNow(logged_in=1, expected_wait=0.0)
    return World(queues=dict.fromkeys(loaded.settings.queues, free), switches=frozenset(switches))
