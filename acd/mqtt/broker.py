"""Where the broker is and who we are there."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    """Authority of the broker's certificate; None: those of the system."""

    def tls_context(self) -> ssl.SSLContext | None:
        """Reads files: not for the event loop. OSError or ssl.SSLError where `ca_file` is no good."""
        if not self.tls:
            return None
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)

    @property
    def shown(self) -> str:
        """For logs: without user and password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def broker_from(url: str, secret_file: Path | None = None, ca_file: Path | None = None) -> BrokerSettings:
    """`mqtt://user:password@host:1883` or `mqtts://...` (TLS); `secret_file` holds the password alone.

    ValueError for another scheme or a URL without host; OSError where `secret_file` cannot be read.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("the broker's address must look like mqtt://host:1883 or mqtts://host:8883")
    password = secret_file.read_text().strip() if secret_file else parts.password and unquote(parts.password)
    return BrokerSettings(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=password or None,
        tls=parts.scheme == "mqtts",
        ca_file=ca_file,
    )
