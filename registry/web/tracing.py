"""One request in the log: a number for it that people can quote, and a line when it is answered."""

import re
import secrets
import time
from typing import Any

import structlog
from flask import Flask, Request, Response, g, got_request_exception, request

from registry.web import measures

# What a proxy in front may send; anything else is not repeated.
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Arguments that name a thing everybody may name. Any other, such as the token of a link, stays out of the log.
_OPEN = ("reference", "slug", "filename")
_ARGUMENT = re.compile(r"<(?:[^<>:]+:)?([a-z_]+)>")
# A part of an address that is none of ours and longer than this may be a token with a slip in it.
_LONGEST_PART = 24

log = structlog.get_logger()


def init(app: Flask) -> None:
    """Number each request and log its end. Comes first: what is added first is done last with the answer."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _error: structlog.contextvars.clear_contextvars())
    # Flask would log the fault too, with the address as it was asked for.
    app.logger.disabled = True
    got_request_exception.connect(_broke, app)


def _begin() -> None:
    g.began = time.perf_counter()
    told = request.headers.get("X-Request-ID", "")
    g.request_number = told if _SANE.fullmatch(told) else _number()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_number)


def _number() -> str:
    """Twelve digits in three groups: easy to read out on the telephone."""
    digits = f"{secrets.randbelow(10**12):012}"
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def _end(response: Response) -> Response:
    if "request_number" in g:
        response.headers["X-Request-ID"] = g.request_number
        measures.count(request.endpoint, response.status_code, time.perf_counter() - g.began)
        if response.status_code != 200 or not request.endpoint or not request.endpoint.startswith("health."):
            log.info("request", **_facts(response))
    return response


def _facts(response: Response) -> dict[str, Any]:
    """What the log says of a request: no query, no name, no token."""
    actor = g.get("actor")
    return {
        "method": request.method,
        "path": told_path(request),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 1),
        "bytes": response.content_length,
        "person": actor.person_id if actor else None,
    }


def told_path(asked: Request) -> str:
    """The path with every argument left out that is not the open name of a thing."""
    rule, arguments = asked.url_rule, asked.view_args or {}
    if rule is None:
        parts = asked.path[:200].split("/")
        return "/".join(part if len(part) <= _LONGEST_PART and part.isascii() else "…" for part in parts)

    def told(match: re.Match[str]) -> str:
        name = match.group(1)
        value = arguments.get(name)
        return str(value) if isinstance(value, int) or name in _OPEN else f"<{name}>"

    return _ARGUMENT.sub(told, rule.rule)


def _broke(_app: Flask, exception: BaseException, **_rest: Any) -> None:
    log.error("request failed", path=told_path(request), exc_info=exception)
