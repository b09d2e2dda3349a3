"""The real `SwitchLink`: AMI, and its messages as events for call control."""

from collections.abc import Awaitable, Callable

import structlog

from ivr.asterisk.ami import Ami, Headers
from ivr.asterisk.ami_message import AmiMessage
from ivr.asterisk.translate import SwitchEvent, SwitchPicture, look_around, translate

log = structlog.get_logger(__name__)


class AmiSwitch:
    """`ami` is set once it exists: it needs the callback first."""

    ami: Ami

    def action(self, name: str, headers: Headers) -> Awaitable[object]:
        return self.ami.begin(name, headers)

    async def picture(self) -> SwitchPicture:
        return await look_around(self.ami)


def forwarding(on_event: Callable[[SwitchEvent], None]) -> Callable[[AmiMessage], None]:
    """A callback for `Ami` that hands typed events on; one that cannot be read costs only itself."""

    def forward(message: AmiMessage) -> None:
        try:
            event = translate(message)
            if event is not None:
                on_event(event)
        except Exception:
            log.exception("an event of the switch could not be handled", event_name=message.name)

    return forward
