"""Asterisk's configuration files from the templates in `asterisk-conf/templates`."""

import resource
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.asterisk.conf import AsteriskConf, ConfError, Folders, Trunk
from ivr.asterisk.conf_modules import AMI_EVENTS, AMI_READ, AMI_WRITE, OPTIONAL, REQUIRED

TEMPLATES = Path(__file__).resolve().parents[2] / "asterisk-conf" / "templates"
_MAX_FILES = 65536


def render(conf: AsteriskConf, folders: Folders) -> Mapping[str, str]:
    """File name -> text, ready for `<base>/etc`. ConfError: a value has a character that no file can hold."""
    environment = _environment()
    known = {
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
    texts = {
        name.removesuffix(".j2"): environment.get_template(name).render(known)
        for name in environment.list_templates(extensions=["j2"])
        if "/" not in name and not name.startswith("_")
    }
    return {name: text + conf.extra.get(name, "") for name, text in texts.items()} | {
        name: text for name, text in conf.extra.items() if name not in texts
    }


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
