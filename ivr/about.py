"""What settings and dialplan say about the system, for every command; light to import, starts nothing."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ivr.arrangement import load_folder, read_arrangement, store_of, unpublished
from ivr.asterisk.autoanswer import set_up_for
from ivr.config import Settings
from ivr.dialplan.loader import Loaded
from ivr.own_asterisk import CALLER_PHONES, phones
from ivr.secrets import Secrets


def read_dialplan(settings: Settings) -> Loaded:
    """What is published; the folder on disk before the first start. Plain: every mistake, a line each."""
    found = read_arrangement(settings, store_of(settings))
    return found.whole if found is not None else load_folder(settings)


def our_version() -> str:
    try:
        return version("dzvin")
    except PackageNotFoundError:
        return "0"


def info(settings: Settings) -> dict[str, Any]:
    """What people and programs need to know to use the running system. JSON-ready, with phones' passwords."""
    loaded = read_dialplan(settings)
    store = store_of(settings)
    change = store.live()
    accounts = {phone.name: phone for phone in phones(loaded, Secrets(settings.secrets_folder))}
    host = settings.public_host or settings.sip_host
    return {
        "version": our_version(),
        "dialplan": {
            "version": change.live if change else None,
            "on_trial": change.canary.number if change and change.canary else None,
            "by": change.who if change else None,
            "unpublished": unpublished(settings, store),
        },
        "sip": {"host": host, "port": settings.sip_port, "transport": "udp"},
        "ami": {"host": settings.ami_host, "port": settings.ami_port, "user": settings.ami_user},
        "fastagi": {"host": settings.fastagi_host, "port": settings.fastagi_port},
        "http": settings.http_url,
        "mqtt": settings.mqtt_url.rpartition("@")[2] or None,
        "lines": [
            {"id": line.id, "names": dict(line.names), "numbers": list(line.numbers)}
            for line in loaded.dialplan.lines.values()
        ],
        "operators": [
            {
                "id": phone.operator,
                "name": phone.label,
                "phone": phone.name,
                "password": accounts[phone.name].password,
                "kind": phone.kind,
                "set_up": set_up_for(phone.kind),
                "queues": sorted(loaded.settings.operators[phone.operator].queues),
            }
            for phone in loaded.phones
        ],
        "callers": [{"phone": name, "password": accounts[name].password} for name in CALLER_PHONES],
    }
