"""The settings, read once and frozen: environment variables DZVIN_*, then a file, then defaults that work.

The file is `.dzvin/settings.env` (lines like DZVIN_SIP_PORT=5070), or the one that DZVIN_SETTINGS_FILE names.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ivr.asterisk.conf import Addresses
from ivr.errors import Plain
from ivr.flow.hook import is_web_address
from ivr.media.speaker import DEFAULT_COMMAND, DEFAULT_VOICES, parse_command, parse_voices
from ivr.numbers import is_region
from ivr.speech.command import parse_transcriber
from ivr.speech.models import model_folders

PROJECT = Path(__file__).resolve().parents[1]
_PREFIX = "DZVIN_"
_DATABASES = {"sqlite", "sqlite+aiosqlite", "postgresql", "postgres", "postgresql+asyncpg"}
_FILE_VARIABLE = "DZVIN_SETTINGS_FILE"
_MAY_HOLD_SECRETS = {"database_url", "mqtt_url", "web_address", "recordings", "recordings_s3_endpoint"}


def _port(default: int) -> Any:
    return Field(default=default, ge=1, le=65535)


class Settings(BaseSettings):
    """Durations in seconds. Folders may be given relative to the project's folder."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, str_strip_whitespace=True
    )

    dialplans: Path = PROJECT / "dialplans"
    prompts: Path = PROJECT / "prompts"
    music: Path = PROJECT / "prompts" / "music"
    """Music for waiting callers: a folder of WAV files per class."""
    synthesizer: str = DEFAULT_COMMAND
    """Reads a text on standard input and writes a WAV file: {out}; {voice} stands for one of the voices."""
    synthesizer_voices: str = DEFAULT_VOICES
    """One for each language."""
    run_folder: Path = PROJECT / ".dzvin" / "run"
    """Database, logs, secrets: all that is made while running."""
    asterisk_root: Path = PROJECT / ".dzvin" / "asterisk-root"
    """Folder with a system of its own for Asterisk; absent: the machine's Asterisk."""

    database_url: str = Field(default="", repr=False)
    """SQLAlchemy's URL; empty: an SQLite file in the run folder."""
    mqtt_url: str = Field(default="", repr=False)
    """mqtt://[user:password@]host[:port]; empty: no broker."""

    sip_host: str = "127.0.0.1"
    """0.0.0.0 lets phones of other machines reach Asterisk."""
    sip_port: int = _port(5060)
    public_host: str = ""
    """The address by which phones outside of a NAT reach this machine."""
    sip_allow_from: str = ""
    """More networks that phones may come from than private ones, with commas between them."""
    ami_host: str = "127.0.0.1"
    ami_port: int = _port(5038)
    fastagi_host: str = "127.0.0.1"
    fastagi_port: int = _port(4573)
    http_host: str = "127.0.0.1"
    http_port: int = _port(8090)
    api_token_file: Path | None = None
    """Holds the token that programs send as `Authorization: Bearer` to see promises with numbers and what was
    said, and to give orders about them (acd/web/promises.py); None: over the web nothing can be changed."""
    rtp_first: int = _port(12000)
    rtp_last: int = _port(12999)

    asterisk: Literal["own", "existing"] = "own"
    """`existing`: an Asterisk that somebody else configures and starts."""
    asterisk_name: str = Field(default="main", pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    """Two projects that share one Asterisk folder need two names."""
    ami_user: str = Field(default="dzvin", pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    ami_secret_file: Path | None = None
    """Holds the AMI secret; None: made in the run folder."""

    trunk_hosts: str = ""
    """Addresses or networks of the telephone company that calls come from, with commas; empty: no trunk."""
    trunk_server: str = ""
    """host[:port] that transfers are sent to; empty: no calls to the outside."""
    trunk_user: str = ""
    trunk_password_file: Path | None = None
    """Holds the password for `trunk_user`."""

    number_region: str = "UA"
    """Country (ISO 3166) of the numbers to call back that name none."""

    web_address: str = ""
    """Goes before the dialplan's own web-address: for a trial, or another house; empty: none does."""
    hook_token_file: Path | None = None
    """Holds the token that web hooks send as `Authorization: Bearer`; None: they send none."""

    speech_models: str = ".dzvin/speech-models"
    """A folder with a Vosk model for each language (uk, ru, en, or named as its authors name it), or
    uk=FOLDER,ru=FOLDER. A language without one goes by keys only."""
    speech_workers: int = Field(default=2, ge=1, le=64)
    """Processes that recognise. Each holds all models in memory."""
    speech_streams: int = Field(default_factory=lambda: 10 * (os.cpu_count() or 1), ge=1, le=10_000)
    """Callers who may speak at the same time; the next ones go on by keys. Default: 10 for each core, which
    is what one can do beside Asterisk (tests/benchmarks/speech_streams.py)."""
    speech_end_after: float = Field(default=0.6, ge=0.2, le=3.0)
    """So much silence ends what a caller says."""
    speech_voice: int = Field(default=2, ge=0, le=3)
    """How much a sound must be like a voice to count as one: 0 for silent lines, 3 for noisy ones."""

    transcribe_command: str = ""
    """Prints the text of a message, or JSON: {wav} stands for the sound's file, {language} for uk, ru or en.
    Empty: messages are transcribed by the speech models."""

    history_kept_days: int = Field(default=400, ge=8, le=3650)
    """Older facts (of calls, with their numbers) and promises closed before are removed, once a day."""

    recordings: str = ""
    """Where callers' messages are kept: a folder, or s3://BUCKET/PREFIX, to which they are moved from the run
    folder, so that an outage loses none. Empty: `utterances` in the run folder."""
    recordings_kept_days: int = Field(default=30, ge=1, le=3650)
    """Older ones are removed, with a proof; a queue's `messages-kept` goes before."""
    recordings_key_file: Path | None = None
    """Holds the keys by which they are sealed, made by `dzvin recordings new-key`; None: they are not."""
    recordings_s3_endpoint: str = ""
    """http://host:port or https://host of an S3-compatible server; empty: Amazon's."""
    recordings_s3_region: str = "us-east-1"
    recordings_s3_secret_file: Path | None = None
    """Holds the access key's id and its secret, on two lines; None: AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, or what the machine itself has been given."""

    fallback_after: int = Field(default=20, ge=3, le=3600)
    """So long a caller waits for an absent server before the apology."""
    fallback_number: str = Field(default="", pattern=r"^(\+?[0-9]{1,20})?$")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator(
        "dialplans",
        "prompts",
        "music",
        "run_folder",
        "asterisk_root",
        "ami_secret_file",
        "trunk_password_file",
        "hook_token_file",
        "recordings_key_file",
        "recordings_s3_secret_file",
        "api_token_file",
    )
    @classmethod
    def _below_the_project(cls, value: Path | None) -> Path | None:
        return None if value is None else (PROJECT / value.expanduser()).absolute()

    @field_validator("synthesizer")
    @classmethod
    def _usable_synthesizer(cls, value: str) -> str:
        parse_command(value)
        return value

    @field_validator("synthesizer_voices")
    @classmethod
    def _usable_voices(cls, value: str) -> str:
        parse_voices(value)
        return value

    @field_validator("recordings")
    @classmethod
    def _known_store(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme and (parts.scheme != "s3" or not parts.netloc or parts.query or "@" in parts.netloc):
            raise ValueError("write it as s3://bucket/prefix, or a folder; keys do not belong in it")
        return value

    @field_validator("recordings_s3_endpoint")
    @classmethod
    def _known_endpoint(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError("write it as http://host:9000 or https://host")
        return value.rstrip("/")

    @field_validator("transcribe_command")
    @classmethod
    def _usable_transcriber(cls, value: str) -> str:
        if value:
            parse_transcriber(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and value.partition(":")[0] not in _DATABASES:
            raise ValueError("write it as postgresql://user:password@host/name or sqlite:///path")
        return value

    @field_validator("mqtt_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"mqtt", "mqtts"} or not urlsplit(value).hostname):
            raise ValueError("write it as mqtt://host:1883")
        return value

    @field_validator("number_region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        if not is_region(value):
            raise ValueError("write a country's two letters, such as UA")
        return value

    @field_validator("web_address")
    @classmethod
    def _known_web(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError("write it as http://host:8095 or https://host/path")
        return value

    @field_validator("speech_models")
    @classmethod
    def _folders_by_language(cls, value: str) -> str:
        _ = model_folders(value, PROJECT)
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        _ = self.addresses
        tcp = {
            "SIP": self.sip_port,
            "AMI": self.ami_port,
            "FASTAGI": self.fastagi_port,
            "HTTP": self.http_port,
        }
        for name, port in tcp.items():
            same = [other for other, its in tcp.items() if its == port and other != name]
            if same:
                raise ValueError(
                    f"DZVIN_{name}_PORT and DZVIN_{same[0]}_PORT are both {port}; give each its own"
                )
        return self

    @property
    def addresses(self) -> Addresses:
        """The part that Asterisk's configuration is made of."""
        return Addresses(
            sip_host=self.sip_host,
            sip_port=self.sip_port,
            ami_host=self.ami_host,
            ami_port=self.ami_port,
            fastagi_host=self.fastagi_host,
            fastagi_port=self.fastagi_port,
            rtp_first=self.rtp_first,
            rtp_last=self.rtp_last,
            public_host=self.public_host,
            allow_from=tuple(part.strip() for part in self.sip_allow_from.split(",") if part.strip()),
        )

    @property
    def database(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.run_folder / 'dzvin.sqlite'}"

    @property
    def speech_folders(self) -> Mapping[str, Path]:
        """The folder of each language's model, whether it is there or not."""
        return model_folders(self.speech_models, PROJECT)

    @property
    def secrets_folder(self) -> Path:
        return self.run_folder / "secrets"

    @property
    def http_url(self) -> str:
        return f"http://{self.http_host}:{self.http_port}"


def load_settings(**fixed: Any) -> Settings:
    """Environment, file, defaults; `fixed` goes before all. Plain: one sentence names each wrong variable."""
    _refuse_misspelt(os.environ)
    file = Path(os.environ.get(_FILE_VARIABLE, PROJECT / ".dzvin" / "settings.env"))
    if _FILE_VARIABLE in os.environ and not file.is_file():
        raise Plain(f"{_FILE_VARIABLE}: there is no file {file}.")
    build: Any = Settings  # pydantic-settings takes `_env_file`, which its type does not show
    try:
        settings: Settings = build(_env_file=file, **fixed)
    except ValidationError as error:
        raise Plain(" ".join(_sentence(dict(one)) for one in error.errors())) from None
    except (UnicodeDecodeError, OSError) as error:
        raise Plain(f"The settings in {file} cannot be read: {error}.") from None
    return settings


def _sentence(problem: dict[str, Any]) -> str:
    """pydantic's finding as a sentence with the variable's name; secrets' values are not repeated."""
    place = problem["loc"]
    text = str(problem["msg"]).removeprefix("Value error, ").rstrip(".")
    if not place:
        return f"The settings do not fit together: {text}."
    name = str(place[0])
    shown = "" if name in _MAY_HOLD_SECRETS else f" {str(problem['input'])!r}"
    return f"{_PREFIX}{name.upper()}{shown} cannot be used: {text[0].lower()}{text[1:]}."


def _refuse_misspelt(environment: os._Environ[str] | dict[str, str]) -> None:
    known = [_PREFIX + name.upper() for name in Settings.model_fields]
    for name in environment:
        if not name.startswith(_PREFIX) or name in known or name == _FILE_VARIABLE:
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        if close:
            raise Plain(f"{name} is no setting; {close[0]} is one.")
