"""Logging: readable on a terminal, one JSON object per line everywhere else; never a secret."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

_SECRET_KEY = re.compile(r"password|secret|token|authorization|api_key", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"(?<=://)([^/\s:@]+):[^/\s@]+@")


def set_up_logging(*, verbose: bool) -> None:
    """Send log lines to standard error, so that standard output stays free for results."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_secrets,
            structlog.processors.StackInfoRenderer(),
            *(() if terminal else (structlog.processors.format_exc_info,)),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if terminal
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # On a terminal the report itself says what happened; a machine wants to follow every step.
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if verbose else logging.WARNING if terminal else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank every value whose key sounds like a secret, and passwords inside URLs."""
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _SECRET_IN_URL.sub(r"\1:***@", value)
    return event
