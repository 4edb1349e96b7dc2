"""``tier6 evaluate``: ranked plans in the terminal, without a server."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from llm_simulator.cli.measurements import calibration_file
from llm_simulator.cli.report import REPORT_WIDTH, print_report
from llm_simulator.cli.sweep import print_sweep, sweep_csv
from llm_simulator.cli.trace import trace_traffic
from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.results.sweep_table import SweepTable
from llm_simulator.planner.specs.search import Objective, ServingMode


def evaluate(
    model: Annotated[str, typer.Option(help="Preset name, or a JSON file (config.json).")] = "",
    topology: Annotated[str, typer.Option(help="Preset name, or a JSON file.")] = "",
    hardware: Annotated[str, typer.Option(help="Preset name, or a JSON file.")] = "",
    engine: Annotated[
        str | None, typer.Option(help="vllm, sglang or trtllm: calibrated on measured runs of it.")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="A calibration that `tier6 calibrate` wrote, on top.")
    ] = None,
    chip_usd_per_hour: Annotated[
        float | None, typer.Option(help="Rent of one chip; default: the catalogue's price.")
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Concurrent requests.")] = 64,
    input_seq_length: Annotated[int, typer.Option(help="Prompt tokens per request.")] = 1024,
    output_seq_length: Annotated[int, typer.Option(help="Output tokens per request.")] = 1024,
    weight_dtype: Annotated[str | None, typer.Option(help="bf16, fp8, int8, nvfp4, …")] = None,
    activation_dtype: Annotated[str | None, typer.Option(help="bf16, fp8, int8, nvfp4")] = None,
    kv_cache_dtype: Annotated[str | None, typer.Option(help="bf16, fp8, int8, nvfp4, …")] = None,
    max_chips: Annotated[int | None, typer.Option(help="Use at most so many chips.")] = None,
    max_ttft_ms: Annotated[float | None, typer.Option(help="Limit of the mean TTFT.")] = None,
    max_tpot_ms: Annotated[float | None, typer.Option(help="Limit of the mean TPOT.")] = None,
    objective: Annotated[
        Objective, typer.Option(help="What to rank by.")
    ] = Objective.THROUGHPUT_PER_CHIP,
    serving: Annotated[
        ServingMode, typer.Option(help="Shared chips, or a pool for prefill and one for decode.")
    ] = ServingMode.AGGREGATED,
    top_k: Annotated[int, typer.Option(help="Plans to show.")] = 10,
    plan: Annotated[
        str | None, typer.Option(help="Evaluate this plan only: 'dp=4,tp=2,ep=8'.")
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(help="Simulate the requests of a CSV: arrival_s,input_tokens,output_tokens."),
    ] = None,
    request: Annotated[
        Path | None, typer.Option(help="A request as JSON; overrides all of the above.")
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            help="Once or twice: 'chip.memory_bandwidth=2..8 TB/s step 0.5', "
            "'inference.input_seq_length=[1k, 4k]' (1k is 1,024), 'hardware=h100-sxm, b200-sxm'."
        ),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print a sweep's points as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Print the ranked plans for a model on a cluster under a load."""
    if request is not None:
        body = _json_file(request, "request")
    else:
        body = {
            "model": _part(model, "model"),
            "topology": _part(topology, "topology"),
            "hardware": _part(hardware, "hardware") if hardware else None,
            "calibration": _calibration(calibration),
            "economics": {"chip_usd_per_hour": chip_usd_per_hour},
            "inference": {
                "engine": engine,
                "batch_size": batch_size,
                "input_seq_length": input_seq_length,
                "output_seq_length": output_seq_length,
                "weight_dtype": weight_dtype,
                "activation_dtype": activation_dtype,
                "kv_cache_dtype": kv_cache_dtype,
                "traffic": trace_traffic(trace) if trace else None,
            },
            "search_mode": "manual" if plan else "auto",
            "manual_parallelism": _degrees(plan) if plan else None,
            "search_constraints": {
                "max_chips": max_chips,
                "max_ttft_ms": max_ttft_ms,
                "max_tpot_ms": max_tpot_ms,
                "objective": objective.value,
                "serving": serving.value,
                "top_k": top_k,
            },
        }
    if sweep:
        body = {**_object(body), "sweep": sweep}
    result = _evaluated(body)
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    elif csv:
        typer.echo(sweep_csv(_table(result)), nl=False)
    else:
        console = Console()
        # A narrower terminal may fold lines, but no figure is cut off.
        console.width = max(console.width, REPORT_WIDTH)
        print_report(result, console)
        if "sweep" in result:
            print_sweep(result["sweep"], console)


def _part(text: str, field: str) -> Any:
    """A preset's name, or the content of the JSON file of that name."""
    if not text:
        raise InvalidInput.at(field, f"is needed: --{field} NAME; see tier6 catalogue")
    if text.endswith(".json"):
        return _json_file(Path(text), field)
    return text


def _calibration(path: Path | None) -> Any:
    return None if path is None else calibration_file(path).model_dump(mode="json")


def _json_file(path: Path, field: str) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput.at(field, f"{path.name} can't be read as JSON: {error}") from error


def _degrees(text: str) -> dict[str, int]:
    """``dp=4,tp=2`` as a mapping."""
    try:
        pairs = (pair.split("=") for pair in text.split(","))
        return {name.strip(): int(degree) for name, degree in pairs}
    except ValueError as error:
        raise InvalidInput.at("plan", f"write 'dp=4,tp=2,ep=8', not '{text}'") from error


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise InvalidInput.at("request", "must be a JSON object")
    return body


def _table(result: EvaluationResult) -> SweepTable:
    if "sweep" not in result:
        raise InvalidInput.at("csv", "prints the points of a sweep; add --sweep, or use --json")
    return result["sweep"]


def _evaluated(body: Any) -> EvaluationResult:
    body = _object(body)
    columns = (TextColumn("plans"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("plans", total=None)
        return evaluate_request(
            body, lambda done, total: bar.update(task, completed=done, total=total)
        )
