"""Prometheus metrics. What happens is counted as it happens; what is, is asked for at a scrape.

``Metrics`` subscribes to the tasks' events, so that the task manager knows nothing of it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from llm_simulator.schemas.events import Event, TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.lifecycle import FINAL

CONTENT_TYPE = CONTENT_TYPE_LATEST
REQUEST_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
TASK_SECONDS = (0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600)


@dataclass
class _Life:
    """What is remembered of a task until it ends."""

    since: float
    started: float | None = None
    plans: int = 0


class Metrics:
    """All metrics of one service; nothing is shared by two services of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._lives: dict[str, _Life] = {}
        ProcessCollector(registry=self.registry)
        self.requests = self._histogram(
            "tier6_http_request_seconds",
            "Time to answer.",
            REQUEST_SECONDS,
            ("method", "route", "status"),
        )
        self.calls = self._histogram(
            "tier6_call_seconds",
            "Time of one call in a worker, a search's chunk among them.",
            TASK_SECONDS,
            ("function", "outcome"),
        )
        self._waited = self._histogram(
            "tier6_task_wait_seconds", "From submission to start.", TASK_SECONDS
        )
        self._ran = self._histogram(
            "tier6_task_seconds", "From start to end.", TASK_SECONDS, ("status",)
        )
        self._ended = Counter(
            "tier6_tasks_ended", "Tasks by their end.", ("status",), registry=self.registry
        )
        self._plans = Counter("tier6_plans_evaluated", "Plans evaluated.", registry=self.registry)

    def told(self, event: Event) -> None:
        """Counts one event; events of one task must come in order."""
        life = self._lives.setdefault(event.task_id, _Life(since=self._clock()))
        if not isinstance(event, TaskUpdate):
            del self._lives[event.task_id]
            return
        if event.status is TaskState.RUNNING:
            self._runs(life)
        stats = event.search_stats
        if stats is not None:
            self._plans.inc(max(0, stats.evaluated_plans - life.plans))
            life.plans = max(life.plans, stats.evaluated_plans)
        if event.status in FINAL:
            self._ends(event.status, life)
            del self._lives[event.task_id]

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def _runs(self, life: _Life) -> None:
        if life.started is None:
            life.started = self._clock()
            self._waited.observe(life.started - life.since)

    def _ends(self, status: TaskState, life: _Life) -> None:
        self._ended.labels(status).inc()
        if life.started is not None:
            self._ran.labels(status).observe(self._clock() - life.started)

    def _histogram(
        self, name: str, meaning: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()
    ) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self.registry)


class Asked(Collector):
    """Metrics whose values are asked for at each scrape."""

    def __init__(self, ask: Callable[[], Iterator[Metric]]) -> None:
        self._ask = ask

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: the registry must not ask before the service runs."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The present values."""
        return self._ask()
