"""Draws the README's picture of the wallboard, with the figures of an invented morning.

python -m tests.wallboard_picture .pictures/wallboard.png
"""

import asyncio
import sys
import time
from dataclasses import replace

from acd.core.words import CallId, OperatorId, QueueId
from acd.web import WebServer
from tests.browser import chromium
from tests.web_center import FakeCenter, operator, queue

_SIZE = {"width": 1600, "height": 900}


def morning() -> FakeCenter:
    """A post office at a busy hour: one queue is late, one keeps all its promises."""
    now = time.time()
    quiet = queue("", waiting=0, idle=2, busy=1, wrap_up=0, on_break=0, logged_in=3, abandoned=0, work_due=0)
    return FakeCenter(
        queue("Where is my parcel", id="parcels", waiting=4, longest_wait_for=17.0, work_open=6, work_due=0),
        queue("General questions", id="general", waiting=9, longest_wait_for=48.0, service_level=0.71),
        replace(quiet, id=QueueId("business"), name="Business customers", answered=96, kept_share=1.0),
        replace(quiet, id=QueueId("staff"), name="Staff", answered=11, work_open=0, kept_share=None),
        operators=(
            operator("o1", "Iryna", activity="talking", since=now - 133, call=CallId("c1")),
            operator("o2", "Taras", activity="ringing", since=now - 1),
            operator("o3", "Olena", activity="talking", since=now - 41, queue=QueueId("general")),
            operator("o4", "Sofia", activity="held", since=now - 6),
            operator("o5", "Marko", activity="wrap-up", since=now - 9, next_status="on break"),
            operator("o6", "Danylo", since=now - 12),
            operator("o7", "Nadia", status="on break", reason="lunch", since=now - 754),
            operator(OperatorId("o8"), "Petro", status="logged out", since=now - 40000),
        ),
    )


async def draw(path: str) -> None:
    server = WebServer("127.0.0.1", 0, morning(), time_zone="Europe/Kyiv")
    await server.start()
    async with chromium() as browser:
        page = await browser.new_page(viewport=_SIZE)
        await page.goto("http://{}:{}/?lang=en".format(*server.address))
        await page.wait_for_selector('[data-link="live"]')
        await page.screenshot(path=path)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(draw(sys.argv[1]))
