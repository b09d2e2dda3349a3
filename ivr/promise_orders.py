"""What the running server does on orders about promises, from a command or from the web."""

from collections.abc import Mapping
from typing import Any

import structlog

from acd.core.center import Outcome
from acd.core.errors import RefusalCode, Refused
from acd.core.facts import EventIgnored
from acd.core.ports import Promises
from acd.core.work_orders import BadOrder, Order, read_order, refusal_text
from acd.service import AcdService, Stopped
from ivr.control import Handler
from ivr.errors import Plain

log = structlog.get_logger(__name__)

_SAID = {
    "claim": "Promise {work} is claimed.",
    "release": "Promise {work} waits in its queue again.",
    "forward": "Promise {work} is passed on.",
    "back": "Promise {work} is handed back to its queue.",
    "close": "Promise {work} is closed.",
    "cancel": "Promise {work} is called off.",
}


class PromiseOrders:
    """The one way to change a promise from outside of a call."""

    def __init__(self, service: AcdService, promises: Promises) -> None:
        self.promises = promises
        self._service = service

    async def give(self, order: Order) -> Refused | None:
        """The refusal; None: done. Stopped: the server ends."""
        event = order(self._service.now())
        outcome = await self._service.ask(event)
        name, work = type(event).__name__, getattr(event, "work", None)
        log.info("order about a promise", order=name, work=work, refused=_code(outcome))
        ignored = next((fact for fact in outcome.facts if isinstance(fact, EventIgnored)), None)
        if outcome.refusal is None and ignored is not None:
            return Refused(code=RefusalCode.UNKNOWN_WORK, operator="", text=ignored.why)
        return outcome.refusal

    def orders(self) -> Mapping[str, Handler]:
        """The server's side of `dzvin promises`."""
        return {"work": self._from_command}

    async def _from_command(self, request: Mapping[str, Any]) -> object:
        try:
            what, work, given = str(request["what"]), int(request["work"]), dict(request["given"])
            order = read_order(what, work, given)
        except BadOrder as bad:
            raise Plain(bad.text) from None
        except (KeyError, TypeError, ValueError):
            raise Plain("This server does not understand the command; restart it after an upgrade.") from None
        try:
            refused = await self.give(order)
        except Stopped:
            raise Plain("The server is just ending; start it again and repeat the command.") from None
        if refused is not None:
            raise Plain(refusal_text(refused, work))
        return {"said": _SAID[what].format(work=work)}


def _code(outcome: Outcome) -> str:
    return outcome.refusal.code if outcome.refusal else ""
