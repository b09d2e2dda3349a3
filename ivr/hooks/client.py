"""Questions to a company's own service: POST JSON, a deadline for each try, few tries, one kind of error.

Sent is `{"call", "line", "step", "language", "caller", "values"}` with the header `Idempotency-Key`, the same
for all tries of one question: a service that knows the key answers as before and takes nothing twice.
Proxies of the environment are not used, redirects are refused, certificates are checked, cookies are not
kept. Tried again are lost connections, deadlines and the statuses of TRY_AGAIN; `ivr.hooks.rest` protects
callers from a service that is away.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import aiohttp
import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from acd.core.masking import mask_number
from ivr.errors import Plain
from ivr.flow.hook import MOST_TRIES, HookAnswer, HookRequest
from ivr.hooks.answer import read_answer
from ivr.hooks.failed import HookFailed
from ivr.hooks.rest import REST_FOR, Rests

log = structlog.get_logger(__name__)

MOST_BYTES = 64 * 1024
"""Of one answer."""
CONNECTIONS = 100
"""To one host at once; more questions wait, within their deadlines."""
PAUSE = (0.05, 0.25)
"""Seconds between two tries, by chance: callers who failed together do not come back together."""
AWAY = frozenset({429, 502, 503, 504})
TRY_AGAIN = frozenset({500}) | AWAY
_NO_DATA = 204


class _TryAgain(HookFailed):
    """The next try may succeed."""


class _Away(_TryAgain):
    """The service is not there, or asks for rest."""


@dataclass(slots=True)
class Tally:
    """Questions so far, tries not counted by themselves."""

    answered: int = 0
    failed: int = 0
    failing_since: float | None = None
    """Monotonic seconds of the first failure after the last answer."""

    def answer(self) -> None:
        self.answered += 1
        self.failing_since = None

    def fail(self) -> None:
        self.failed += 1
        if self.failing_since is None:
            self.failing_since = time.monotonic()

    @property
    def silent_for(self) -> float:
        """Seconds since questions began to fail; 0.0 while they are answered."""
        return 0.0 if self.failing_since is None else time.monotonic() - self.failing_since


class HookClient:
    """One for the whole server; needs a running loop from the first question on.

    `token` goes to every service as `Authorization: Bearer`; Plain: no header can hold it. `nouns`: what the
    server can count aloud; empty: any well-formed noun is taken.
    """

    def __init__(self, token: str = "", *, nouns: Collection[str] = (), rests: Rests | None = None) -> None:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise Plain(
                "The web hooks' token must be one line of ASCII letters, digits and signs, no spaces."
            )
        self._token, self._nouns, self._rests = token, nouns, rests or Rests()
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self.tally = Tally()

    async def ask(self, request: HookRequest) -> HookAnswer:
        """The service's answer, or HookFailed and nothing else; both within deadline × tries and PAUSE."""
        try:
            answer = await self._tries(request)
        except HookFailed as failed:
            self.tally.fail()
            log.warning("hook failed", reason=failed.reason, **_shown(request))
            raise
        except Exception as error:
            self.tally.fail()
            log.exception("hook failed unexpectedly", **_shown(request))
            raise HookFailed(f"unexpected {type(error).__name__}") from error
        self.tally.answer()
        log.debug("hook answered", go=answer.go, **_shown(request))
        return answer

    async def close(self) -> None:
        """End all connections; questions under way and later ones fail. May be called twice."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _tries(self, request: HookRequest) -> HookAnswer:
        name = _service(request.url)
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop_after_attempt(min(max(request.tries, 1), MOST_TRIES)),
            wait=wait_random(*PAUSE),
            reraise=True,
        )
        return await retrying(self._try, name, request)

    async def _try(self, name: str, request: HookRequest) -> HookAnswer:
        if not self._rests.admits(name):
            raise HookFailed(f"it did not answer several times and is asked again within {REST_FOR:g} s")
        try:
            answer = await self._post(request)
        except _Away:
            if self._rests.failed(name):
                log.error("hooks rest: the service does not answer", service=name, rest_for=REST_FOR)
            raise
        except HookFailed:
            self._rests.answered(name)
            raise
        self._rests.answered(name)
        return answer

    async def _post(self, request: HookRequest) -> HookAnswer:
        if self._closed:
            raise HookFailed("the server is ending")
        try:
            async with asyncio.timeout(request.deadline):
                return await self._exchange(request)
        except TimeoutError:
            raise _Away(f"no answer within {request.deadline:g} s") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise HookFailed("its address is none that can be asked") from None
        except aiohttp.ClientSSLError:
            raise HookFailed("its certificate or encryption is not accepted") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _Away(_lost(error)) from None

    async def _exchange(self, request: HookRequest) -> HookAnswer:
        session = self._open_session()
        posted = session.post(
            request.url,
            json=_body(request),
            headers={"Idempotency-Key": quote(request.key, safe="/.:-_", errors="replace")},
            allow_redirects=False,
        )
        async with posted as response:
            _refuse(response)
            if response.status == _NO_DATA:
                return HookAnswer()
            return read_answer(await _bounded(response), self._nouns)

    def _open_session(self) -> aiohttp.ClientSession:
        """A connection for each try: one that the service closes in the same moment would cost a try."""
        if self._session is None:
            headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "dzvin"}
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def _refuse(response: aiohttp.ClientResponse) -> None:
    """HookFailed: its status or kind is not that of an answer."""
    status = response.status
    if not 200 <= status < 300:
        kind = _Away if status in AWAY else _TryAgain if status in TRY_AGAIN else HookFailed
        raise kind(f"it answered with status {status}")
    if response.content_type in {"text/html", "application/xhtml+xml"}:
        raise HookFailed("it answered with a web page, not with JSON")


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for portion in response.content.iter_any():
        body += portion
        if len(body) > MOST_BYTES:
            raise HookFailed(f"its answer is longer than {MOST_BYTES} bytes")
    return bytes(body)


def _service(url: str) -> str:
    """Scheme, host and port; HookFailed: it cannot be asked."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise HookFailed("its address is none that can be asked") from None
    if port is None or not parts.hostname:
        raise HookFailed("its address must begin with http:// or https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise HookFailed("its address holds a password; the token's file is the place for one")
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _body(request: HookRequest) -> dict[str, object]:
    return {
        "call": request.call,
        "line": request.line,
        "step": request.step,
        "language": request.language,
        "caller": request.caller,
        "values": dict(request.values),
    }


def _lost(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its host's name is not found"
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.os_error.strerror or 'refused'}"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError():
            return "the connection ended before the answer was complete"
        case _:
            return f"the connection failed ({type(error).__name__})"


def _shown(request: HookRequest) -> dict[str, object]:
    """For the log: no digits in clear, no words of a caller, no secret in an address."""
    return {
        "call": request.call,
        "step": request.step,
        "url": request.url.partition("?")[0],
        "values": {name: _masked(value) for name, value in request.values.items()},
    }


def _masked(value: str) -> str:
    return mask_number(value) if value.isdecimal() else f"({len(value)} characters)"
