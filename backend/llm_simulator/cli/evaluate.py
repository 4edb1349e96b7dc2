"""``tier6 evaluate``: ranked plans in the terminal, without a server."""

import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from llm_simulator import __version__
from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli import asked
from llm_simulator.cli.amounts import count
from llm_simulator.cli.effort import print_effort
from llm_simulator.cli.files import writing
from llm_simulator.cli.pools import degrees_in, manual_pools
from llm_simulator.cli.report import REPORT_WIDTH, print_report
from llm_simulator.cli.settle import runs_csv
from llm_simulator.cli.sweep import print_sweep, sweep_csv
from llm_simulator.cli.trace import trace_traffic
from llm_simulator.cli.what_fits import print_what_fits
from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.evaluate import parse_request
from llm_simulator.planner.results.decision import Decision
from llm_simulator.planner.results.point_csv import points_csv
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.results.sweep_table import SweepTable
from llm_simulator.planner.specs.search import Objective, Risk, ServingMode
from llm_simulator.report import Language, html_report

_search = partial(typer.Option, rich_help_panel="Search")
_limit = partial(asked.limit, rich_help_panel="Search")

INFEASIBLE = 3
"""Exit code where no plan is feasible."""


def evaluate(
    model: asked.Model = "",
    topology: asked.Topology = "",
    hardware: asked.Hardware = "",
    decode_hardware: Annotated[
        str, asked.deployment(help="The chip of decode pools, where it is another.")
    ] = "",
    engine: asked.Engine = None,
    calibration: asked.CalibrationPath = None,
    weight_dtype: asked.WeightDtype = None,
    activation_dtype: Annotated[
        str | None, asked.deployment(help="bf16, fp8, int8, nvfp4.")
    ] = None,
    kv_cache_dtype: asked.KvCacheDtype = None,
    chip_usd_per_hour: Annotated[
        float | None, asked.deployment(help="Rent of one chip; default: the catalogue's price.")
    ] = None,
    batch_size: asked.Concurrency = None,
    input_seq_length: asked.InputLength = 1024,
    output_seq_length: asked.OutputLength = 1024,
    images_per_request: Annotated[
        int, asked.load(help="Images of each prompt; --input-seq-length counts their tokens too.")
    ] = 0,
    image_tokens: Annotated[
        int | None, asked.load(help="Tokens of one image; default: the model's for 1024 x 1024.")
    ] = None,
    trace: Annotated[
        Path | None,
        asked.load(help="Simulate the requests in a CSV: arrival_s,input_tokens,output_tokens."),
    ] = None,
    max_chips: Annotated[
        int | None, _search(parser=count, metavar="N", help="Use at most so many chips.")
    ] = None,
    max_ttft_ms: Annotated[float | None, _limit(*asked.TTFT_LIMIT, help=asked.TTFT_HELP)] = None,
    max_tpot_ms: Annotated[float | None, _limit(*asked.TPOT_LIMIT, help=asked.TPOT_HELP)] = None,
    max_e2e_latency_ms: Annotated[
        float | None, _limit(*asked.E2E_LIMIT, help=asked.E2E_HELP)
    ] = None,
    min_request_rate: Annotated[
        float | None,
        _search(help="Requests per second to serve; with --objective chips on the fewest chips."),
    ] = None,
    objective: Annotated[
        Objective, _search(metavar="NAME", help=f"What to rank by: {', '.join(Objective)}.")
    ] = Objective.THROUGHPUT,
    risk: Annotated[
        Risk,
        _search(
            metavar="NAME",
            help=f"Rank expected figures, or what holds with 80 %: {', '.join(Risk)}.",
        ),
    ] = Risk.MEAN,
    serving: Annotated[
        ServingMode | None,
        _search(
            metavar="NAME",
            help=f"Shared chips or pools: {', '.join(ServingMode)}. Default: aggregated.",
        ),
    ] = None,
    unsupported_plans: Annotated[
        bool,
        _search("--unsupported-plans", help="Also try plans that no known engine starts."),
    ] = False,
    plan: Annotated[str | None, _search(help=asked.PLAN_HELP)] = None,
    prefill_pool: Annotated[str | None, _search(metavar="POOL", help=asked.PREFILL_HELP)] = None,
    decode_pool: Annotated[str | None, _search(metavar="POOL", help=asked.DECODE_HELP)] = None,
    sweep: Annotated[
        list[str] | None,
        _search(
            metavar="AXIS",
            help="At each value: 'chip.memory_bandwidth=2..8 TB/s step 0.5', "
            "'inference.input_seq_length=1k, 4k', 'hardware=h100-sxm, b200-sxm'. "
            "Twice for two axes.",
        ),
    ] = None,
    request: Annotated[
        Path | None, typer.Option(help="A request as JSON, in place of all but --sweep.")
    ] = None,
    download: asked.Download = False,
    count_only: Annotated[
        bool,
        asked.output("--count", help="Say how many plans and how long; evaluate none."),
    ] = False,
    top_k: Annotated[int, asked.output(help="Plans to show.")] = 10,
    unfolded: Annotated[
        bool,
        asked.output("--unfolded", help="Show plans that differ in replicas alone one by one."),
    ] = False,
    csv: Annotated[bool, asked.output("--csv", help="Print a sweep's points as CSV.")] = False,
    as_json: asked.AsJson = False,
    points_out: Annotated[
        Path | None,
        asked.output(help="Write every feasible plan at every concurrency to a CSV."),
    ] = None,
    report_out: Annotated[
        Path | None,
        asked.output(help="Write the result as one HTML file that opens anywhere and prints."),
    ] = None,
    report_language: Annotated[
        Language,
        asked.output(metavar="LANGUAGE", help=f"Of --report-out: {', '.join(Language)}."),
    ] = Language.ENGLISH,
    settle: Annotated[
        Path | None,
        asked.output(help="Write the runs that would settle the choice to a CSV to measure them."),
    ] = None,
) -> None:
    """Print the ranked plans for a model on a cluster under a load.

    Exits with 3 where no plan is feasible, with 2 where the input is wrong.
    """
    pools = manual_pools(prefill_pool, decode_pool)
    if request is not None:
        body = asked.request_in(request)
    else:
        body = {
            **asked.deployment_of(model, topology, hardware, calibration, download=download),
            "decode_hardware": asked.part(decode_hardware, "decode_hardware")
            if decode_hardware
            else None,
            "economics": {"chip_usd_per_hour": chip_usd_per_hour},
            "inference": {
                "engine": engine,
                "batch_size": batch_size,
                "input_seq_length": input_seq_length,
                "output_seq_length": output_seq_length,
                "images_per_request": images_per_request,
                "image_tokens": image_tokens,
                "weight_dtype": weight_dtype,
                "activation_dtype": activation_dtype,
                "kv_cache_dtype": kv_cache_dtype,
                "traffic": trace_traffic(trace) if trace else None,
            },
            "search_mode": "manual" if plan or pools else "auto",
            "manual_parallelism": degrees_in(plan, "plan") if plan else None,
            "manual_pools": pools,
            "search_constraints": {
                "max_chips": max_chips,
                "unsupported_plans": unsupported_plans,
                "max_ttft_ms": max_ttft_ms,
                "max_tpot_ms": max_tpot_ms,
                "max_e2e_latency_ms": max_e2e_latency_ms,
                "min_request_rate": min_request_rate,
                "objective": objective.value,
                "risk": risk.value,
                "top_k": top_k,
                "fold": not unfolded,
                **({"serving": serving.value} if serving else {}),
            },
        }
    if sweep:
        body = {**body, "sweep": sweep}
    if count_only:
        print_effort(body, as_json=as_json)
        return
    result = _evaluated(body)
    if settle is not None:
        with writing(settle) as written:
            written.write(runs_csv(_decision(result)))
    if report_out is not None:
        _write_report(report_out, result, body, report_language)
    if points_out is not None:
        _write_points(points_out, result)
    if as_json:
        typer.echo(json.dumps(result.as_json(), indent=2))
    elif csv:
        typer.echo(sweep_csv(_table(result)), nl=False)
    else:
        _print(result)
    if not result.top_k_plans:
        raise typer.Exit(INFEASIBLE)


def _print(result: EvaluationResult) -> None:
    console = Console()
    # A narrower terminal may fold lines, but no figure is cut off.
    console.width = max(console.width, REPORT_WIDTH)
    print_report(result, console)
    if result.sweep is not None:
        print_sweep(result.sweep, console)
    elif not result.top_k_plans:
        print_what_fits(result, console)


def _table(result: EvaluationResult) -> SweepTable:
    if result.sweep is None:
        raise InvalidInput.at("csv", "prints the points of a sweep; add --sweep, or use --json")
    return result.sweep


def _write_points(path: Path, result: EvaluationResult) -> None:
    if result.points is None:
        raise InvalidInput.at("points-out", "there are no feasible points, or they are a sweep's")
    with writing(path) as written:
        written.writelines(points_csv(result.points))


def _write_report(
    path: Path, result: EvaluationResult, body: dict[str, Any], language: Language
) -> None:
    asked_for = parse_request(body, builtin_catalogue()).snapshot()
    report = html_report(
        result, asked_for, version=__version__, made=datetime.now(UTC), language=language
    )
    with writing(path) as written:
        written.write(report)


def _decision(result: EvaluationResult) -> Decision:
    if result.decision is None:
        raise InvalidInput.at("settle", "there is no feasible plan to choose")
    return result.decision


def _evaluated(body: dict[str, Any]) -> EvaluationResult:
    columns = (TextColumn("plans"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("plans", total=None)
        return evaluate_request(
            body, lambda done, total: bar.update(task, completed=done, total=total)
        )
