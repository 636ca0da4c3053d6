"""For those who run the register: is the process there, can it work, and what is measured. No page, no cookie."""

import time
from ipaddress import ip_address

from flask import Blueprint, Response, current_app, request
from peewee import PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from registry import config
from registry.records import migrating, operations
from registry.records.database import connected
from registry.web import measures
from registry.web.access import needs, now, settings, today

# Asked by every balancer every few seconds: the database need not be.
READY_SECONDS = 3
# By any of these a proxy tells for whom it asks.
PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
NOT_THERE = (PeeweeException, MaxConnectionsExceeded)

blueprint = Blueprint("health", __name__)


@blueprint.after_request
def _keep_out_of_lists(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/healthz")
@needs("health:read")
def healthz() -> Response:
    return _plain("ok")


@blueprint.get("/readyz")
@needs("health:read")
def readyz() -> Response:
    known: dict[str, tuple[float, str]] = current_app.extensions.setdefault("registry_ready", {})
    until, fault = known.get("fault", (0.0, ""))
    if time.monotonic() >= until:
        fault = _fault()
        known["fault"] = (time.monotonic() + READY_SECONDS, fault)
    return _plain(fault or "ready", 503 if fault else 200)


def _fault() -> str:
    """Why the register cannot work; "" when it can. A stopped worker is not a reason: pages are served all the same."""
    try:
        with connected():
            done = set(migrating.applied())
    except NOT_THERE:
        return "The database cannot be reached."
    pending = {file.stem for file in config.folder("migrations").glob("[0-9]*.py")} - done
    return "Migrations are pending. Run: registry migrate" if pending else ""


@blueprint.get("/metrics")
@needs("health:read")
def metrics() -> Response:
    if not _asked_by_the_operator():
        # No page of ours: that would ask the database, on a connection nobody opened for this request.
        return _plain("not found", 404)
    try:
        with connected():
            state = operations.state(today())
    except NOT_THERE:
        state = None
    return Response(measures.text(state, now()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _asked_by_the_operator() -> bool:
    """True for an address in REGISTRY_METRICS_FROM.

    What comes through a proxy that we were not told of has the proxy's address, so nobody knows who asks.
    """
    if any(name in request.headers for name in PROXIED) and "werkzeug.proxy_fix.orig" not in request.environ:
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(address in network for network in settings().metrics_from)


def _plain(text: str, status: int = 200) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")
