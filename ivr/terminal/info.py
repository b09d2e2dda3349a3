"""What to dial and which accounts there are, for people."""

from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ivr.terminal.reports import show
from ivr.terminal.text import safe


def print_info(info: dict[str, Any], console: Console | None = None) -> None:
    """`info` as `ivr.app.info` gives it."""
    parts = (
        _lines(info),
        _dialplan(info),
        _phones(info),
        _kinds(info),
        _elsewhere(info),
        _codes(),
        _addresses(info),
    )
    show(Group(*(each for part in parts for each in (part, Text()))), console)


def _lines(info: dict[str, Any]) -> RenderableType:
    table = _table("Dial", "number", "line")
    for line in info["lines"]:
        names = line["names"]
        table.add_row(Text(", ".join(line["numbers"]), "bold green"), safe(names.get("en") or line["id"]))
    return table


def _dialplan(info: dict[str, Any]) -> RenderableType:
    dialplan = info["dialplan"]
    if dialplan["version"] is None:
        return Text("The dialplan's folder becomes version 1 at the first start.")
    trial = f", {dialplan['on_trial']} is on trial" if dialplan["on_trial"] else ""
    said = Text(f"Version {dialplan['version']} of the dialplan is live{trial}; `dzvin versions` lists all.")
    if differs := dialplan["unpublished"]:
        said.append(f"\n{safe(differs[0].upper() + differs[1:])}", "yellow")
    return said


def _phones(info: dict[str, Any]) -> RenderableType:
    sip = info["sip"]
    table = _table(
        f"SIP accounts (server {sip['host']}, port {sip['port']}, UDP)",
        "account",
        "password",
        "for",
    )
    for column in table.columns[:2]:
        column.no_wrap = True  # to be copied
    for one in info["operators"]:
        who = f"operator {one['name']} ({one['kind']})"
        table.add_row(Text(one["phone"], "bold"), one["password"], safe(who))
    for one in info["callers"]:
        table.add_row(Text(one["phone"], "bold"), one["password"], "calling the lines")
    return table


def _kinds(info: dict[str, Any]) -> RenderableType:
    table = _table("So that the phone answers by itself", "kind", "set up")
    for kind, set_up in sorted({one["kind"]: one["set_up"] for one in info["operators"]}.items()):
        table.add_row(Text(kind, "bold"), safe(set_up))
    return table


def _elsewhere(info: dict[str, Any]) -> RenderableType:
    if not info["sip"]["host"].startswith("127."):
        return Text()
    return Text(
        "Phones on other machines: start with DZVIN_SIP_HOST=0.0.0.0, and give them this machine's address."
    )


def _codes() -> RenderableType:
    return Text(
        "An operator's phone dials *10 to log in, *11 to log out, *12 ready, *131 a break, *16 a test call,\n"
        "*17 the next message or call-back."
    )


def _addresses(info: dict[str, Any]) -> RenderableType:
    ami, agi = info["ami"], info["fastagi"]
    table = _table("Addresses", "what", "where")
    table.add_row("wallboard, metrics", Text(info["http"], "bold"))
    table.add_row("AMI", f"{ami['host']}:{ami['port']}")
    table.add_row("FastAGI", f"{agi['host']}:{agi['port']}")
    table.add_row("MQTT", info["mqtt"] or "none configured")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title, "bold"), title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
