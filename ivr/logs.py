"""Logs: one line an event, for people or as JSON, on standard error. No local variables in tracebacks."""

import logging
import sys
from typing import TextIO

import structlog

from ivr.config import Settings


def set_up_logs(settings: Settings, out: TextIO | None = None) -> None:
    """`out`: where lines go, instead of standard error."""
    out = out or sys.stderr
    level = getattr(logging, settings.log_level.upper())
    logging.basicConfig(stream=out, level=max(level, logging.WARNING), format="%(name)s: %(message)s")
    shown: structlog.types.Processor
    if settings.log_format == "json":
        shown = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        shown = structlog.dev.ConsoleRenderer(
            colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        *([structlog.processors.format_exc_info] if settings.log_format == "json" else []),
        shown,
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
