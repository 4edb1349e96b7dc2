"""Measured runs on separate pools of prefill and decode chips against their predictions."""

from collections.abc import Callable, Mapping, Sequence

from llm_simulator.planner.calibration.comparison import Compared, Error, summaries
from llm_simulator.planner.calibration.pools import ENGINE_OF
from validation.baseline import Line, of_part, rounded
from validation.tables import error_table, percent

PART = "pools"
THROUGHPUT = "throughput"

Row = Mapping[str, str]


def _engine(row: Row) -> str:
    return ENGINE_OF.get(row["framework"], row["framework"])


GROUPINGS: Sequence[Callable[[Row], str]] = (
    lambda _: "all runs",
    lambda row: f"{_engine(row)} · {row['chip']}",
)


def pool_lines(runs: Sequence[Compared]) -> list[Line]:
    """Errors over all runs on pools and by engine and chip, one line per quantity."""
    lines = []
    for key in GROUPINGS:
        for name, found in summaries(runs, key).items():
            if found.predicted == 0:
                continue
            quantities = {"TPOT": found.tpot, "TTFT": found.ttft, THROUGHPUT: found.throughput}
            lines += [
                _line(name, quantity, error, found.rows, found.predicted)
                for quantity, error in quantities.items()
                if error is not None
            ]
    return lines


def _line(name: str, quantity: str, error: Error, rows: int, predicted: int) -> Line:
    return Line(
        part=PART,
        case=name,
        quantity=quantity,
        rows=str(rows),
        predicted_rows=str(predicted),
        mean_error=rounded(error.mean, 3),
        median_error=rounded(error.median, 3),
        bias=rounded(error.bias, 3),
        inside_interval=rounded(error.interval_coverage, 3),
    )


def pool_section(lines: Sequence[Line]) -> list[str]:
    """The section of the page; nothing without runs on pools."""
    whole = [line for line in of_part(lines, PART, THROUGHPUT) if line.case == "all runs"]
    if not whole:
        return []
    throughput = whole[0]
    return [
        "## Separate pools of prefill and decode",
        "",
        "Disaggregated runs (InferenceX), each asked as the given deployment that it was: both "
        "pools with their instances and plans. Two figures are read off them, `pool_handover` "
        "and, by engine and architecture, `pool_decode`; all else is that of aggregated runs. "
        "Runs that don't say how many instances there were, or that drafted tokens, are not "
        "predicted. Output tokens/s that such latencies make are "
        f"{percent(throughput.mean_error)} off in the mean, {percent(throughput.median_error)} in "
        "the median.",
        "",
        *error_table("engine · chip", of_part(lines, PART, "TPOT"), of_part(lines, PART, "TTFT")),
        "",
        "Routers and the hand-over between pools take 0.12 to 0.28 s by chip and engine, "
        "whatever the prompt: `pool_handover` is the median that TTFT lacks without it in 52 "
        "runs of at most 8 requests in flight. TensorRT-LLM on GB200 and on H100 is left out of"
        " that range: the prompts of its 7 such runs wait for seconds. Each combination of "
        "model, chip and engine predicted with what the others show (`tier6 calibrate --from-"
        "scratch` prints it): TPOT 20.3 % off in the mean and 18.2 % in the median, TTFT 44.9 "
        "and 42.0 %. Without `pool_decode` TPOT is 26.0 and 18.0 % off. Where a quarter to a "
        "half of the requests wait, decode batches were limited below the load, which the "
        "tables don't say: limits are taken to be powers of two for TensorRT-LLM's recipes with"
        " fp8 weights or more than 32 requests a rank (`decode_max_batch_size` says it in "
        "yours). That rule is read off these very runs, so nothing held out has tested it; "
        "without it TTFT is 49.6 and 49.0 % off. What is left is too short at many requests.",
        "",
        "`tier6 validate --measurements disaggregated.csv` prints these of a file of your own "
        "([model.md](model.md#against-measurements)).",
        "",
    ]
