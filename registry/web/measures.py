"""What is counted of requests. With several web processes each writes into one folder that `registry serve` gives."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from registry import __version__
from registry.records.operations import State

OWN = CollectorRegistry()
REQUESTS = Counter(
    "registry_requests", "Requests answered, by page and class of status.", ("endpoint", "status"), registry=OWN
)
SECONDS = Histogram(
    "registry_request_seconds",
    "How long requests took, by page.",
    ("endpoint",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=OWN,
)


def count(endpoint: str | None, status: int, seconds: float) -> None:
    """Count an answered request."""
    REQUESTS.labels(endpoint or "none", f"{status // 100}xx").inc()
    SECONDS.labels(endpoint or "none").observe(seconds)


def text(state: State | None, now: datetime) -> bytes:
    """Everything measured, in the format of Prometheus; without a database no more than that it is not there."""
    return generate_latest(_requests()) + generate_latest(_Once(_families(state, now)))


def _requests() -> CollectorRegistry:
    """The counts of all web processes where they share a folder, else of this one."""
    together = CollectorRegistry()
    try:
        MultiProcessCollector(together)
    except ValueError:
        return OWN
    return together


class _Once:
    def __init__(self, families: list[Metric]):
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(state: State | None, now: datetime) -> list[Metric]:
    build = InfoMetricFamily("registry_build", "The version that runs.", value={"version": __version__})
    up = _gauge("registry_database_up", "1 when the database answers.", state is not None)
    if state is None:
        return [build, up]
    oldest = (now - state.oldest_message_at).total_seconds() if state.oldest_message_at else 0
    slots = GaugeMetricFamily(
        "registry_job_slot_age_seconds", "Age of the newest finished slot of a job.", None, ["job"]
    )
    for job, slot_at in sorted(state.last_slots.items()):
        slots.add_metric([job], (now - slot_at).total_seconds())
    return [
        build,
        up,
        _gauge("registry_messages_waiting", "Messages that wait to be sent.", state.messages_waiting),
        _gauge("registry_messages_oldest_seconds", "How long the first of them is overdue.", max(0, oldest)),
        _gauge("registry_messages_parked", "Messages set aside for somebody to look at.", state.messages_parked),
        _gauge("registry_reports_waiting", "Reports that wait to be made or are being made.", state.reports_waiting),
        _gauge("registry_assignments_open", "Open assignments.", state.assignments_open),
        _gauge("registry_assignments_overdue", "Open assignments whose reply is overdue.", state.assignments_overdue),
        slots,
    ]


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, float(value))
