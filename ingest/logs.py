"""Logs of both programs: one event a line, for people on a terminal, JSON anywhere else; never with credentials."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import Processor

from ingest.sanitise import sanitise


def hide_credentials(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: every text of every log line passes the sanitiser."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = sanitise(value)
    return event


def configure_logging(
    *, as_json: bool | None = None, level: int = logging.INFO, remember: Processor | None = None
) -> None:
    """Set up structlog on standard error; JSON unless that is a terminal. ``remember`` sees every line."""
    if as_json is None:
        as_json = not sys.stderr.isatty()
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_credentials,
            *([] if remember is None else [remember]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """No log lines but critical ones: for commands whose output is read by people or programs."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
