"""Where the log goes: to stderr, one line an event; stdout is for results."""

import logging
import sys

import structlog


def use_stderr() -> None:
    """Send the log to stderr, unless the program has already decided where it goes."""
    # APScheduler's own lines tell nothing that the worker does not say itself.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
