"""OpenTelemetry traces, off unless asked for: a span per request, and one per task.

A task's span is a child of the request that submitted it, begun by the server that takes the task
up; its progress is in the span's events.
Where spans go is OpenTelemetry's own setting: OTEL_EXPORTER_OTLP_ENDPOINT and the like.
"""

from typing import Any

from fastapi import FastAPI

from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.events import Event, TaskUpdate
from llm_simulator.schemas.states import TaskState

NOT_TRACED = "/ws/,/healthz,/readyz,/metrics"
"""A live connection lasts for days, and probes are of no interest."""


class Tracing:
    """Tracing that is off: does nothing, and costs nothing."""

    def instrument(self, app: FastAPI) -> None:
        """Gives each of the application's requests a span, below the caller's own if it sent one.

        Has to be called before the first request.
        """

    def traceparent(self) -> str | None:
        """The present span in W3C's form; None outside of one."""

    def began(self, task_id: str, experiment_name: str, traceparent: str | None) -> None:
        """Begins the span of a task that runs here from now on, below its submitter's."""

    def told(self, event: Event) -> None:
        """Continues or ends the span of the event's task, if it runs here."""

    def close(self) -> None:
        """Sends what has not been sent."""


class OpenTelemetry(Tracing):
    """Spans of one provider."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._trace = trace
        self._provider = provider
        self._tracer = provider.get_tracer("tier6")
        self._propagator = TraceContextTextMapPropagator()
        self._tasks: dict[str, Any] = {}

    def instrument(self, app: FastAPI) -> None:
        """Gives each request a span."""
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=self._provider,
            excluded_urls=NOT_TRACED,
            exclude_spans=["receive", "send"],
        )

    def traceparent(self) -> str | None:
        """The present span in W3C's form; None outside of one."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get("traceparent")

    def began(self, task_id: str, experiment_name: str, traceparent: str | None) -> None:
        """Begins the span of a task that runs here from now on, below its submitter's."""
        parent = self._propagator.extract({"traceparent": traceparent} if traceparent else {})
        attributes = {"tier6.task_id": task_id, "tier6.experiment": experiment_name}
        self._tasks[task_id] = self._tracer.start_span("task", parent, attributes=attributes)

    def told(self, event: Event) -> None:
        """Continues or ends the span of the event's task, if it runs here."""
        span = self._tasks.get(event.task_id)
        if span is None:
            return
        submitted = isinstance(event, TaskUpdate) and event.status is TaskState.PENDING
        if submitted and not span.events:
            # Told a moment late: the task was taken up at once.
            return
        if isinstance(event, TaskUpdate):
            span.add_event(event.status, {"tier6.progress": event.progress})
        if not isinstance(event, TaskUpdate) or event.status is not TaskState.RUNNING:
            self._end(span, event)

    def close(self) -> None:
        """Sends what has not been sent."""
        self._provider.shutdown()

    def _end(self, span: Any, event: Event) -> None:
        del self._tasks[event.task_id]
        if isinstance(event, TaskUpdate):
            span.set_attribute("tier6.status", event.status)
            if event.status is TaskState.FAILED:
                span.set_status(self._trace.StatusCode.ERROR, event.error)
        span.end()


def tracing_of(*, wanted: bool) -> Tracing:
    """Tracing to the collector that OpenTelemetry's settings name, or none.

    Raises InvalidInput when the packages are not there.
    """
    if not wanted:
        return Tracing()
    try:
        import opentelemetry.instrumentation.fastapi  # noqa: F401
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise InvalidInput.at(
            "tracing", "needs more packages: pip install 'tier6[otel]'"
        ) from error
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "tier6"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetry(provider)
