"""OpenTelemetry traces, off unless asked for: a span per request, and one per task.

A task's span is a child of the request that submitted it, begun by the server that takes the task
up; its progress is in the span's events.
Where spans go is OpenTelemetry's own setting: OTEL_EXPORTER_OTLP_ENDPOINT and the like.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.events import Event, TaskUpdate
from llm_simulator.schemas.states import TaskState


class RequestSpan(Protocol):
    """The span of a request while it is served."""

    def answered(self, name: str, status: int) -> None:
        """Notes the route and the answer's status."""
        ...


class Tracing(Protocol):
    """Where spans are begun and ended."""

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[RequestSpan]:
        """A span for as long as the block runs, below the caller's own if it sent one."""
        ...

    def traceparent(self) -> str | None:
        """The present span in W3C's form; None outside of one."""
        ...

    def began(self, task_id: str, experiment_name: str, traceparent: str | None) -> None:
        """Begins the span of a task that runs here from now on, below its submitter's."""
        ...

    def told(self, event: Event) -> None:
        """Continues or ends the span of the event's task, if it runs here."""
        ...

    def close(self) -> None:
        """Sends what has not been sent."""
        ...


class NoTracing:
    """Tracing that does nothing, and costs nothing."""

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[RequestSpan]:  # noqa: ARG002
        """A block without a span."""
        return nullcontext(self)

    def answered(self, name: str, status: int) -> None:
        """Notes nothing."""

    def traceparent(self) -> str | None:
        """Always None."""

    def began(self, task_id: str, experiment_name: str, traceparent: str | None) -> None:
        """Begins nothing."""

    def told(self, event: Event) -> None:
        """Notes nothing."""

    def close(self) -> None:
        """Has nothing to send."""


class OpenTelemetry:
    """Spans of one provider."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._trace = trace
        self._provider = provider
        self._tracer = provider.get_tracer("tier6")
        self._propagator = TraceContextTextMapPropagator()
        self._tasks: dict[str, Any] = {}

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[RequestSpan]:
        """A span for as long as the block runs."""
        parent = self._propagator.extract(dict(headers))
        kind = self._trace.SpanKind.SERVER
        with self._tracer.start_as_current_span("request", parent, kind) as span:
            yield _Request(span)

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


class _Request:
    def __init__(self, span: Any) -> None:
        self._span = span

    def answered(self, name: str, status: int) -> None:
        """Notes the route and the answer's status."""
        self._span.update_name(name)
        self._span.set_attribute("http.response.status_code", status)


def tracing_of(*, wanted: bool) -> Tracing:
    """Tracing to the collector that OpenTelemetry's settings name, or none.

    Raises InvalidInput when the packages are not there.
    """
    if not wanted:
        return NoTracing()
    try:
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
