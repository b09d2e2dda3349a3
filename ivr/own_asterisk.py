"""The Asterisk that `dzvin run` starts: what settings and dialplan say, as its configuration."""

from collections.abc import Iterator

from ivr.asterisk.conf import AsteriskConf, Phone, Transfer, Trunk
from ivr.asterisk.instance import AsteriskInstance
from ivr.asterisk.instance_program import find_program
from ivr.config import Settings
from ivr.dialplan.loader import Loaded
from ivr.dialplan.numbers import fits
from ivr.secrets import Secrets, read_secret

CALLER_PHONES = tuple(f"caller{number}" for number in range(1, 5))
"""Accounts for trying the lines from a softphone; they reach the lines and nothing else."""
TRUNK = "trunk"


def own_asterisk(settings: Settings, loaded: Loaded) -> AsteriskInstance:
    """Not started yet. Plain: something in the settings cannot be used, or Asterisk is not installed."""
    return AsteriskInstance(
        find_program(settings.asterisk_root),
        settings.asterisk_name,
        asterisk_conf(settings, loaded),
        parent=settings.run_folder / "asterisk",
        prompts=settings.prompts,
        music=settings.music if settings.music.is_dir() else None,
    )


def asterisk_conf(settings: Settings, loaded: Loaded) -> AsteriskConf:
    """Phones of the operators and of test callers, the trunk, and the numbers that may be dialled."""
    secrets = Secrets(settings.secrets_folder)
    fallback = settings.fallback_number or loaded.outside.fallback_number or ""
    return AsteriskConf(
        ami_secret=ami_secret(settings),
        ami_user=settings.ami_user,
        phones=phones(loaded, secrets),
        trunks=tuple(_trunks(settings, loaded)),
        transfers=tuple(_transfers(settings, loaded)),
        addresses=settings.addresses,
        fallback_after=settings.fallback_after,
        fallback_number=fallback,
        apology_prompt="system-away" if fallback else "system-away-no-fallback",
        language=loaded.media.languages[0],
        music=tuple(sorted(loaded.media.music - {"default"})),
        own_music=(settings.music / "default").is_dir(),
    )


def ami_secret(settings: Settings) -> str:
    """From the file that an administrator named, else made once."""
    if settings.ami_secret_file is not None:
        return read_secret(settings.ami_secret_file)
    return Secrets(settings.secrets_folder).named("ami")


def phones(loaded: Loaded, secrets: Secrets) -> tuple[Phone, ...]:
    """Accounts with passwords: the operators' phones, then the callers'."""
    words = secrets.phones([*(phone.name for phone in loaded.phones), *CALLER_PHONES])
    language = loaded.media.languages[0]
    of_operators = [
        Phone(name=phone.name, password=words[phone.name], display=phone.label, language=language)
        for phone in loaded.phones
    ]
    of_callers = [
        Phone(name=name, password=words[name], language=language, lines_only=True) for name in CALLER_PHONES
    ]
    return (*of_operators, *of_callers)


def _trunks(settings: Settings, loaded: Loaded) -> Iterator[Trunk]:
    hosts = tuple(part.strip() for part in settings.trunk_hosts.split(",") if part.strip())
    if not hosts:
        return
    password = read_secret(settings.trunk_password_file) if settings.trunk_password_file else ""
    yield Trunk(
        name=TRUNK,
        hosts=hosts,
        server=settings.trunk_server,
        username=settings.trunk_user,
        password=password,
        language=loaded.media.languages[0],
    )


def _transfers(settings: Settings, loaded: Loaded) -> Iterator[Transfer]:
    """Allowed numbers go to the phone of that name, else by the trunk if there is one."""
    inside = {phone.name for phone in loaded.phones}
    for pattern in loaded.outside.allowed_numbers:
        yield from (Transfer(number=name, via=name) for name in sorted(inside) if fits(pattern, name))
    if settings.trunk_hosts and settings.trunk_server:
        for pattern in loaded.outside.allowed_numbers:
            yield Transfer(number=f"_{pattern}" if "X" in pattern else pattern, via=TRUNK)
