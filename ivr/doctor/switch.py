"""Checks of Asterisk: version, modules, AMI and its rights."""

import asyncio
import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ivr.asterisk.ami import Ami, AmiError, AmiTimes, LinkState
from ivr.asterisk.conf_modules import AMI_READ, AMI_WRITE, OPTIONAL, REQUIRED
from ivr.doctor.finding import Finding, fail, ok, warn

_OLDEST = (20,)
_KNOWN_BAD = (
    ((20,), (20, 14, 1), "CVE-2025-47779: a phone can send messages in another's name"),
    ((22,), (22, 4, 1), "CVE-2025-47779: a phone can send messages in another's name"),
)
"""Branch, first version without the fault, fault. Distributions may have mended it under an old number."""
_NEEDED_ACTIONS = {
    "Originate": "originate",
    "Redirect": "call",
    "Hangup": "call",
    "Getvar": "call",
    "ControlPlayback": "call",
    "DeviceStateList": "call",
    "CoreShowChannels": "reporting",
}
_MODULE_LINE = re.compile(r"^(\S+\.so)\s.*(?<!Not )\bRunning\b", re.MULTILINE)
_ANSWER_FOR = 3.0


def check_version(text: str) -> Iterator[Finding]:
    """`text` as Asterisk says it: 22.10.1, 20.6.0~dfsg+~cs6, certified-20.7-cert2."""
    numbers = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if numbers is None:
        yield warn("Asterisk", f"its version {text!r} is unknown", "Dzvin was tried with 20 and 22.")
        return
    version = tuple(int(part or 0) for part in numbers.groups())
    if version < _OLDEST:
        yield fail("Asterisk", f"{text} is too old", "Install Asterisk 20 or later.")
        return
    faults = [why for branch, mended, why in _KNOWN_BAD if version[:1] == branch and version < mended]
    for why in faults:
        yield warn("Asterisk", f"{text} has a known fault: {why}", "Take the newest release of this branch.")
    if not faults:
        yield ok("Asterisk", text)


def check_modules(listing: str) -> Iterator[Finding]:
    """`listing` is what the console's `module show` prints."""
    running = set(_MODULE_LINE.findall(listing))
    absent = [name for name in REQUIRED if name not in running]
    lesser = [name for name in OPTIONAL if name not in running]
    for name in absent:
        yield fail("modules", f"{name} is not loaded ({REQUIRED[name]})", "Load it in modules.conf.")
    if lesser:
        yield warn("modules", f"not loaded: {', '.join(lesser)}", "Load them if you need what they do.")
    if not absent and not lesser:
        yield ok("modules", f"all {len(REQUIRED) + len(OPTIONAL)} loaded")


def check_modules_here() -> Iterator[Finding]:
    """Modules of the Asterisk that runs on this machine beside us, if its console lets us in."""
    try:
        said = subprocess.run(
            ["asterisk", "-rx", "module show"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_FOR,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        mend = "Run dzvin doctor as root beside Asterisk, or compare with ivr/asterisk/conf_modules.py."
        yield warn("modules", "Asterisk's console does not let us look", mend)
    else:
        yield from check_modules(said.stdout)


@dataclass(slots=True)
class _Told:
    states: list[LinkState] = field(default_factory=list)


async def check_ami(
    host: str, port: int, user: str, secret: str, *, ask_version: bool = False
) -> list[Finding]:
    """Log in, and compare what this user may do with what the server needs."""
    told = _Told()
    ami = Ami(host, port, user, secret, lambda _event: None, told.states.append, times=AmiTimes(boot_for=60))
    ami.start()
    try:
        await ami.until_ready(_ANSWER_FOR)
        allowed = await ami.action("ListCommands", deadline=_ANSWER_FOR)
        found = [ok("AMI", f"{user} logs in at {host}:{port}"), *check_rights(allowed.pairs)]
        if ask_version:
            core = await ami.action("CoreSettings", deadline=_ANSWER_FOR)
            found += check_version(core.get("AsteriskVersion"))
        return found
    except AmiError as error:
        return [await _no_ami(host, port, user, told, error)]
    finally:
        await ami.close()


async def _no_ami(host: str, port: int, user: str, told: _Told, error: AmiError) -> Finding:
    where = f"{host}:{port}"
    if LinkState.REFUSED in told.states:
        return fail("AMI", f"{where} refuses {user}", "Compare user, secret and permit in manager.conf.")
    if not await answers(host, port):
        return fail("AMI", f"nobody answers at {where}", "Start Asterisk, or set DZVIN_AMI_HOST and _PORT.")
    mend = f"Give {user} read = {','.join(AMI_READ)}: `system` brings the event FullyBooted."
    return fail("AMI", f"{where} takes the login but does not say that it is up ({error})", mend)


def check_rights(actions: Collection[tuple[str, str]]) -> Iterator[Finding]:
    """`actions`: header name -> text of AMI's ListCommands, which names only what the user may do."""
    names = {name.lower() for name, _ in actions}
    absent = {action: right for action, right in _NEEDED_ACTIONS.items() if action.lower() not in names}
    needed = f"write = {','.join(AMI_WRITE)}"
    for action, right in absent.items():
        yield fail("AMI rights", f"{action} is not allowed (right {right})", f"In manager.conf: {needed}")
    surplus = _surplus(names)
    if surplus:
        yield warn("AMI rights", f"more than needed: {', '.join(surplus)} may run programs", f"Only {needed}")
    if not absent and not surplus:
        yield ok("AMI rights", "what is needed and no more")


def _surplus(names: Collection[str]) -> list[str]:
    """Rights by which a stolen secret would run programs, known by an action that each brings."""
    tells = {"command": "command", "config": "updateconfig", "system": "moduleload"}
    return [right for right, action in tells.items() if action in names]


async def answers(host: str, port: int) -> bool:
    """Whether somebody takes a TCP connection there."""
    try:
        async with asyncio.timeout(_ANSWER_FOR):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
