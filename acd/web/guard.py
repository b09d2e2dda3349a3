"""What stands before every answer: the Host check against DNS rebinding, and the security headers."""

import ipaddress
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def is_allowed_host(host: str, names: Collection[str]) -> bool:
    """Whether a Host header may be answered: an address, 'localhost', or one of `names` (lower case).

    DNS rebinding needs a name that the attacker's server resolves, so addresses are harmless.
    """
    try:
        name = urlsplit("//" + host).hostname
    except ValueError:
        return False
    if not name:
        return False
    return name == "localhost" or name in names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_same_origin(request: web.Request) -> bool:
    """A browser names the page's origin; programs name none. Scheme aside, it must be this very host."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == request.headers.get("Host", "").lower()
    except ValueError:
        return False


def guard(names: Collection[str]) -> Middleware:
    """A middleware that refuses foreign hosts and puts the security headers on every response."""
    allowed = frozenset(name.lower() for name in names)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_allowed_host(request.headers.get("Host", ""), allowed):
            return _headed(web.Response(status=421, text="This server does not answer to that host name.\n"))
        try:
            return _headed(await handler(request))
        except web.HTTPException as error:
            _headed(error)
            raise

    return check


def _headed(response: web.StreamResponse) -> web.StreamResponse:
    if not response.prepared:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.update(SECURITY_HEADERS)
    return response
