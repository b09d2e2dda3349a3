"""AMI client: one link that heals itself, actions with deadlines, events by a synchronous callback.

Over panoramisk's Action (text, id, future); connection, framing and dispatch are our own, because its Manager
loses the link on an exception in a callback, sends actions again after a reconnect, notices no half-open link
and goes on connecting after close().
"""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog

from ivr.asterisk.ami_message import (
    ActionRefused,
    AmiError,
    AmiLost,
    AmiMessage,
    AmiNotReady,
    AmiTimeout,
    LinkState,
    ListBroken,
)
from ivr.asterisk.ami_protocol import AmiLink, PendingAction
from ivr.asterisk.encode import Headers, header_value

__all__ = [
    "ActionRefused",
    "Ami",
    "AmiError",
    "AmiLost",
    "AmiMessage",
    "AmiNotReady",
    "AmiTimeout",
    "AmiTimes",
    "Headers",
    "LinkState",
    "ListBroken",
]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AmiTimes:
    """Seconds. A half-open link is noticed after at most `ping_every + pong_for`."""

    connect_for: float = 3.0
    login_for: float = 5.0
    boot_for: float = 10.0
    """After this long without FullyBooted a warning is logged, again and again; the link stays not ready."""
    ping_every: float = 1.0
    pong_for: float = 1.8
    retry_from: float = 0.1
    retry_max: float = 2.0
    refused_from: float = 30.0
    """A wrong secret does not mend itself, and a hammering client is locked out by guards like fail2ban."""
    refused_max: float = 300.0


class Ami:
    """Link to one Asterisk; reconnects by itself until `close()`. Actions are never sent a second time."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        on_event: Callable[[AmiMessage], None],
        on_link: Callable[[LinkState], None] = lambda state: None,
        *,
        events: Collection[str] | None = None,
        times: AmiTimes | None = None,
    ) -> None:
        """`on_event` is called in order for every event named in `events` (None: all); it must return soon.

        Events that come before READY is told belong to the link too and are passed on.
        Raises UnsafeValue for a user or secret that cannot be sent.
        """
        self._host, self._port = host, port
        self._user, self._secret = header_value(user, "user"), header_value(secret, "secret")
        self._on_event, self._on_link = on_event, on_link
        self._events = None if events is None else frozenset(events)
        self._times = times or AmiTimes()
        self._link: AmiLink | None = None
        self._booted = asyncio.Event()
        self._ready = asyncio.Event()
        self._told: LinkState | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin connecting in the background (a running event loop is needed)."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="ami")

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

    @property
    def under_way(self) -> int:
        """Actions that wait for an answer."""
        return len(self._link.pending) if self._link else 0

    async def until_ready(self, deadline: float) -> None:
        """Return when the link is ready; AmiTimeout after `deadline` seconds."""
        try:
            async with asyncio.timeout(deadline):
                await self._ready.wait()
        except TimeoutError:
            raise AmiTimeout(f"no link to {self._host}:{self._port} within {deadline:g} s") from None

    async def action(self, name: str, headers: Headers | None = None, deadline: float = 5.0) -> AmiMessage:
        """Do one action; `headers` may hold an 'ActionID' of one's own.

        Raises ActionRefused, AmiTimeout, AmiLost, AmiNotReady, UnsafeValue.
        """
        return await self.begin(name, headers, deadline)

    def begin(
        self, name: str, headers: Headers | None = None, deadline: float = 5.0
    ) -> Coroutine[Any, Any, AmiMessage]:
        """Write an action now and give its answer to be awaited, in every case: it ends the action.

        Raises at once AmiLost, AmiNotReady, UnsafeValue; the answer ActionRefused, AmiTimeout, AmiLost.
        """
        link, action = self._usable(name), PendingAction(name, headers or {}, False)
        link.send(action)
        return self._answer(link, action, deadline)

    async def collect(
        self, name: str, headers: Headers | None = None, deadline: float = 5.0
    ) -> list[AmiMessage]:
        """Do a list action; its item events (they do not go to `on_event`). Also raises ListBroken."""
        action = PendingAction(name, headers or {}, True)
        await self._ask(self._usable(name), action, deadline)
        return action.items_seen

    async def close(self) -> None:
        """End the link and all attempts for good; actions under way raise AmiLost."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._drop()

    def _usable(self, name: str) -> AmiLink:
        if self._link is None or not self.ready:
            raise AmiNotReady(f"{name}: there is no link to Asterisk now")
        return self._link

    async def _ask(self, link: AmiLink, action: PendingAction, deadline: float) -> AmiMessage:
        link.send(action)
        return await self._answer(link, action, deadline)

    async def _answer(self, link: AmiLink, action: PendingAction, deadline: float) -> AmiMessage:
        try:
            async with asyncio.timeout(deadline):
                return await action.future
        except TimeoutError:
            raise AmiTimeout(f"{action.name}: no answer within {deadline:g} s") from None
        finally:
            link.forget(action)

    async def _run(self) -> None:
        failed = refused = 0
        while True:
            try:
                await self._connect()
                refused, since = 0, monotonic()
                await self._stay()
                failed = 0 if monotonic() - since > self._times.retry_max else failed
            except ActionRefused:
                refused += 1
                log.error("ami.login_refused", alarm=True, user=self._user, port=self._port, times=refused)
                self._tell(LinkState.REFUSED)
            except (AmiError, OSError, TimeoutError) as why:
                log.warning("ami.no_link", port=self._port, why=str(why) or type(why).__name__)
            except Exception as fault:  # no traceback: some loggers print local variables, so the secret too
                log.error("ami.failed", why=repr(fault))
            finally:
                self._drop()
            failed += 1
            await asyncio.sleep(self._pause(failed, refused))

    def _pause(self, failed: int, refused: int) -> float:
        """Seconds until the next attempt: doubling, bounded, between half and all of it by chance."""
        times = self._times
        first, most, n = (
            (times.refused_from, times.refused_max, refused)
            if refused
            else (times.retry_from, times.retry_max, failed)
        )
        longest = min(most, first * 2.0 ** min(n - 1, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311

    async def _connect(self) -> None:
        """Connect and log in. Raises OSError, TimeoutError, AmiError."""
        self._booted.clear()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._times.connect_for):
            _, self._link = await loop.create_connection(
                lambda: AmiLink(self._take, self._lost), self._host, self._port
            )
        login = PendingAction("Login", {"Username": self._user, "Secret": self._secret}, False)
        await self._ask(self._link, login, self._times.login_for)

    async def _stay(self) -> None:
        """Wait for FullyBooted, tell READY, and return when the link is over."""
        assert self._link is not None
        link = self._link
        watch = asyncio.create_task(self._watch(link), name="ami ping")
        try:
            if await self._boot(link):
                log.info("ami.ready", port=self._port, version=link.reader.version)
                self._ready.set()
                self._tell(LinkState.READY)
                await link.lost
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _boot(self, link: AmiLink) -> bool:
        booted = asyncio.create_task(self._booted.wait())
        either: set[asyncio.Future[Any]] = {booted, link.lost}
        try:
            while not booted.done() and not link.lost.done():
                await asyncio.wait(either, timeout=self._times.boot_for, return_when=asyncio.FIRST_COMPLETED)
                if not booted.done() and not link.lost.done():
                    log.warning("ami.not_booted", hint="Asterisk still loads, or the user lacks read=system")
            return booted.done() and not link.lost.done()
        finally:
            booted.cancel()

    async def _watch(self, link: AmiLink) -> None:
        """Ping; end the link when nothing at all was heard for `pong_for` seconds after a ping."""
        while not link.lost.done():
            await asyncio.sleep(self._times.ping_every)
            asked_at = monotonic()
            try:
                await self._ask(link, PendingAction("Ping", {}, False), self._times.pong_for)
            except AmiTimeout:
                if link.heard_at < asked_at and not link.busy:
                    log.warning("ami.half_open", silent_for=round(monotonic() - link.heard_at, 1))
                    link.abort()
            except AmiError:
                return

    def _take(self, message: AmiMessage) -> None:
        if message.name == "FullyBooted":
            self._booted.set()
        elif message.name == "Shutdown" and self._link is not None:
            self._link.abort()
        if message.name and (self._events is None or message.name in self._events):
            self._on_event(message)

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.abort()

    def _lost(self) -> None:
        if self.ready:
            self._ready.clear()
            self._tell(LinkState.LOST)

    def _tell(self, state: LinkState) -> None:
        if state == self._told:
            return
        self._told = state
        try:
            self._on_link(state)
        except Exception:
            log.exception("ami.link_callback_failed", state=state)
