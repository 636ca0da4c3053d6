"""Where the log goes: to stderr, one line an event, as JSON for programs or as words on a terminal.

Everything that logs comes through here: ours, gunicorn's and the libraries'. Addresses of people and passwords
are taken out of every event, whoever wrote it.
"""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

# An exception may quote what a person typed or a setting: an e-mail address, the password in a URL. gunicorn
# names the address of a request it could not answer, with its query.
_HIDDEN = (
    (re.compile(r"(://)[^/\s:@\"]*:[^/\s@\"]+@"), r"\1[hidden]@"),
    (re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"), "[address]"),
    (re.compile(r"(Error handling request) \S+"), r"\1"),
)


def as_json(mode: str) -> bool:
    """True when lines are for programs: told so, or not told and stderr is no terminal."""
    return mode == "json" or (mode == "auto" and not sys.stderr.isatty())


def use(mode: str) -> None:
    """Send the log to stderr in the mode of REGISTRY_LOG, unless the program has already decided where it goes."""
    # APScheduler's own lines tell nothing that the worker does not say itself.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    if structlog.is_configured():
        return
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    written: list[Processor] = [structlog.processors.format_exc_info, hide, _words(as_json(mode))]
    structlog.configure(
        processors=[*shared, *written],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    _take_in_libraries([*shared, structlog.stdlib.add_logger_name], written)


def _words(json: bool) -> Processor:
    if json:
        return structlog.processors.JSONRenderer()
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=plain)


def _take_in_libraries(first: list[Processor], last: list[Processor]) -> None:
    """Write what libraries log through Python's own logging in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(foreign_pre_chain=first, processors=[ProcessorFormatter.remove_processors_meta, *last])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def hide(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event without addresses of people and passwords, before it is written."""
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text
