"""Asterisk's configuration files from the templates in `asterisk-conf/templates`."""

import ipaddress
import os
import resource
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.asterisk.conf import AsteriskConf, ConfError, Folders, Trunk
from ivr.asterisk.conf_modules import AMI_EVENTS, AMI_READ, AMI_WRITE, OPTIONAL, REQUIRED

TEMPLATES = Path(__file__).resolve().parents[2] / "asterisk-conf" / "templates"
_MAX_FILES = 65536


def render(conf: AsteriskConf, folders: Folders) -> Mapping[str, str]:
    """File name -> text, ready for `<base>/etc`. ConfError: a value has a character that no file can hold."""
    texts = _rendered(conf, folders, "")
    return {name: text + conf.extra.get(name, "") for name, text in texts.items()} | {
        name: text for name, text in conf.extra.items() if name not in texts
    }


def render_for_existing(conf: AsteriskConf, out: Path) -> list[Path]:
    """Write the files that an Asterisk of somebody else includes (see asterisk-conf/README.md) into `out`.

    They hold passwords: only their owner may read them. ConfError: `out` cannot be written.
    """
    texts = _rendered(conf, Folders(base=PurePosixPath("/")), "existing/")
    try:
        out.mkdir(parents=True, exist_ok=True)
        return [_write_private(out / name, text) for name, text in texts.items()]
    except OSError as error:
        raise ConfError(f"The files for Asterisk cannot be written to {out}: {error.strerror}.") from error


def _write_private(path: Path, text: str) -> Path:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _rendered(conf: AsteriskConf, folders: Folders, part: str) -> dict[str, str]:
    """Texts of the templates in the sub-folder `part` of the templates' folder."""
    environment = _environment()
    known = {
        "server_address": _address_of(conf.addresses.fastagi_host),
        "conf": conf,
        "folders": folders,
        "required_modules": REQUIRED,
        "optional_modules": OPTIONAL,
        "ami_read": AMI_READ,
        "ami_write": AMI_WRITE,
        "ami_events": AMI_EVENTS if conf.filter_events else (),
        "max_files": _open_files_limit(),
        "ways_out": _ways_out(conf),
    }
    names = [name for name in environment.list_templates(extensions=["j2"]) if name.startswith(part)]
    return {
        name.removeprefix(part).removesuffix(".j2"): environment.get_template(name).render(known)
        for name in names
        if "/" not in name.removeprefix(part) and not name.removeprefix(part).startswith("_")
    }


def _address_of(host: str) -> str:
    """`host` if it is another machine's address, from which AMI is used; '' if this machine or a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return "" if address.is_loopback or address.is_unspecified else str(address)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=in_one_value,
        autoescape=False,  # noqa: S701 - these are no HTML pages; `finalize` guards each value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["in_quotes"] = _in_quotes
    return environment


def _in_quotes(text: str) -> str:
    """`text` without what would end a quoted name in a SIP or dialplan value."""
    return "".join(letter for letter in text if letter not in '"\\<>${}[],')


def in_one_value(value: object) -> str:
    """`value` as text that stays on its line and starts no comment in Asterisk's configuration syntax."""
    text = str(value)
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in text):
        raise ConfError(f"{text!r} cannot be written into Asterisk's configuration: it has a line break.")
    return text.replace(";", r"\;")


def _open_files_limit() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return _MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, _MAX_FILES)


def _ways_out(conf: AsteriskConf) -> Mapping[str, Trunk | None]:
    """Account's name -> its trunk, or None for a phone, which rings itself."""
    trunks: dict[str, Trunk | None] = {trunk.name: trunk for trunk in conf.trunks}
    return trunks | {phone.name: None for phone in conf.phones}
