"""A connected client of a scripted Asterisk, and what it told us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.asterisk.ami import Ami, AmiMessage, AmiTimes, LinkState
from ivr.asterisk.testing import FakeAsteriskAmi

QUICK = AmiTimes(retry_from=0.01, retry_max=0.05)


class Heard:
    """What the client told us."""

    def __init__(self) -> None:
        self.events: list[AmiMessage] = []
        self.links: list[LinkState] = []

    def names(self) -> list[str]:
        return [event.name for event in self.events if event.name != "FullyBooted"]


@asynccontextmanager
async def connected(
    fake: FakeAsteriskAmi, times: AmiTimes = QUICK, secret: str | None = None, wait: bool = True
) -> AsyncIterator[tuple[Ami, Heard]]:
    heard = Heard()
    secret = secret or fake.secret
    ami = Ami("127.0.0.1", fake.port, "dzvin", secret, heard.events.append, heard.links.append, times=times)
    ami.start()
    try:
        if wait:
            await ami.until_ready(5)
        yield ami, heard
    finally:
        await asyncio.wait_for(ami.close(), 10)
