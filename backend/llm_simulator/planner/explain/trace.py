"""An explanation as a Chrome trace: Perfetto and chrome://tracing open it."""

from collections.abc import Iterator
from typing import Any

from llm_simulator.planner.explain.explanation import Explanation, Schedule
from llm_simulator.units import MICRO, MILLI

TITLES = {
    "request": "Request to its first token",
    "decode_round": "Round of decode steps",
    "prefill_layer": "Layer of a prefill step",
    "decode_layer": "Layer of a decode step",
}


def chrome_trace(explanation: Explanation) -> dict[str, Any]:
    """The schedules as JSON-able data: a process each, a thread per lane, times in microseconds.

    References: Trace Event Format, Google (2016): complete events "X", metadata "M".
    """
    events = [
        event
        for number, schedule in enumerate(explanation.schedules, start=1)
        for event in _events(number, schedule)
    ]
    return {"displayTimeUnit": "ms", "traceEvents": events}


def _events(process: int, schedule: Schedule) -> Iterator[dict[str, Any]]:
    title = TITLES[schedule.name] + (f", {schedule.layer}" if schedule.layer else "")
    yield _metadata(process, 0, "process_name", {"name": title})
    yield _metadata(process, 0, "process_sort_index", {"sort_index": process})
    threads = {lane: number for number, lane in enumerate(schedule.lanes, start=1)}
    for lane, thread in threads.items():
        yield _metadata(process, thread, "thread_name", {"name": lane})
        yield _metadata(process, thread, "thread_sort_index", {"sort_index": thread})
    for span in schedule.spans:
        yield {
            "ph": "X",
            "name": span.name,
            "cat": span.cause,
            "pid": process,
            "tid": threads[span.lane],
            "ts": span.start_ms * MILLI / MICRO,
            "dur": (span.end_ms - span.start_ms) * MILLI / MICRO,
            "args": {} if span.index is None else {"index": span.index},
        }


def _metadata(process: int, thread: int, name: str, args: dict[str, str | int]) -> dict[str, Any]:
    return {"ph": "M", "name": name, "pid": process, "tid": thread, "args": args}
