"""``tier6 explore``: hypothetical chips, the best plan of each, and what it takes to win."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from llm_simulator.cli import asked
from llm_simulator.cli.amounts import count
from llm_simulator.cli.effort import print_effort
from llm_simulator.cli.files import json_of
from llm_simulator.cli.plan_names import degrees_name
from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_candidates, evaluate_request
from llm_simulator.planner.requests.candidates import FIGURES
from llm_simulator.planner.results.candidates_table import CandidateRow, CandidatesTable
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.specs.search import Objective
from llm_simulator.units import GIGA, MILLI, TERA

_search = partial(typer.Option, rich_help_panel="Search")
_candidates = partial(typer.Option, rich_help_panel="Candidates")
_limit = partial(asked.limit, rich_help_panel="Search")

INFEASIBLE = 3
"""Exit code where no candidate has a feasible plan."""
WIDTH = 150
"""Characters that a row takes."""
_COLUMNS: tuple[tuple[str, str, float, str], ...] = (
    ("TB/s", "memory_bandwidth", TERA, ".4g"),
    ("TFLOP/s", "peak_flops", TERA, ".4g"),
    ("link GB/s", "link_bandwidth", GIGA, ".4g"),
    ("GB", "memory_capacity", GIGA, ".4g"),
    ("USD/h", "usd_per_chip_hour", 1.0, ".2f"),
)
_FIGURES: tuple[tuple[str, str, str], ...] = (
    ("chips", "chips", "d"),
    ("batch", "batch_size", "d"),
    ("tok/s/chip", "tps_per_chip", ".1f"),
    ("TTFT ms", "ttft", ".1f"),
    ("TPOT ms", "tpot", ".2f"),
    ("USD/Mtok", "usd_per_million_output_tokens", ".3f"),
    ("wins below", "wins_below", ".2f"),
)


def explore(
    model: asked.Model = "",
    topology: asked.Topology = "",
    hardware: asked.Hardware = "",
    engine: asked.Engine = None,
    calibration: asked.CalibrationPath = None,
    weight_dtype: asked.WeightDtype = None,
    kv_cache_dtype: asked.KvCacheDtype = None,
    chip_usd_per_hour: Annotated[
        float | None, asked.deployment(help="Rent of the base chip; default: the catalogue's.")
    ] = None,
    batch_size: asked.Concurrency = None,
    input_seq_length: asked.InputLength = 1024,
    output_seq_length: asked.OutputLength = 1024,
    figure: Annotated[
        list[str] | None,
        _candidates(
            metavar="FIGURE=VALUES",
            help="Factors over the base chip or amounts: 'memory_bandwidth=1..4 step 0.5', "
            "'price=1.5, 3 USD/h'. Once for each of "
            f"{', '.join(FIGURES)}; every combination is a candidate.",
        ),
    ] = None,
    chips: Annotated[
        Path | None,
        _candidates("--list", help="A JSON list of candidates, in place of --figure."),
    ] = None,
    price_share: Annotated[
        list[str] | None,
        _candidates(
            metavar="FIGURE=SHARE",
            help="Share of the price that grows with a figure: 'memory_bandwidth=0.3'.",
        ),
    ] = None,
    max_chips: Annotated[
        int | None, _search(parser=count, metavar="N", help="Use at most so many chips.")
    ] = None,
    max_ttft_ms: Annotated[float | None, _limit(*asked.TTFT_LIMIT, help=asked.TTFT_HELP)] = None,
    max_tpot_ms: Annotated[float | None, _limit(*asked.TPOT_LIMIT, help=asked.TPOT_HELP)] = None,
    min_request_rate: Annotated[
        float | None, _search(help="Requests per second that each candidate has to serve.")
    ] = None,
    objective: Annotated[
        Objective, _search(metavar="NAME", help=f"What is best: {', '.join(Objective)}.")
    ] = Objective.THROUGHPUT_PER_CHIP,
    request: Annotated[
        Path | None, typer.Option(help="A request with candidates as JSON, in place of all.")
    ] = None,
    download: asked.Download = False,
    count_only: Annotated[
        bool, asked.output("--count", help="Say how many plans and how long; evaluate none.")
    ] = False,
    top: Annotated[int, asked.output(help="Rows to show beside the front.")] = 10,
    as_csv: Annotated[bool, asked.output("--csv", help="Print every candidate as CSV.")] = False,
    as_json: asked.AsJson = False,
) -> None:
    """Print the best plan of hypothetical chips, and the price below which each wins.

    Exits with 3 where no candidate has a feasible plan, with 2 where the input is wrong.
    """
    if request is not None:
        body = asked.request_in(request)
    else:
        body = {
            **asked.deployment_of(model, topology, hardware, calibration, download=download),
            "economics": {"chip_usd_per_hour": chip_usd_per_hour},
            "inference": {
                "engine": engine,
                "batch_size": batch_size,
                "input_seq_length": input_seq_length,
                "output_seq_length": output_seq_length,
                "weight_dtype": weight_dtype,
                "kv_cache_dtype": kv_cache_dtype,
            },
            "search_constraints": {
                "max_chips": max_chips,
                "max_ttft_ms": max_ttft_ms,
                "max_tpot_ms": max_tpot_ms,
                "min_request_rate": min_request_rate,
                "objective": objective.value,
            },
            "candidates": _candidates_of(figure or [], chips, price_share or []),
        }
    if body.get("candidates") is None:
        raise InvalidInput.at("candidates", "are needed: --figure 'memory_bandwidth=1..4 step 1'")
    if count_only:
        print_effort(body, as_json=as_json)
        return
    if as_csv:
        sys.stdout.write(candidates_csv(body))
        return
    result = _with_progress(partial(evaluate_request, body))
    table = result.candidates
    assert table is not None
    if as_json:
        typer.echo(json.dumps(result.as_json(), indent=2))
    else:
        _print(result, table, top)
    if table.feasible == 0:
        raise typer.Exit(INFEASIBLE)


def _candidates_of(
    figures: list[str], chips: Path | None, shares: list[str]
) -> dict[str, Any] | None:
    """The field of the request."""
    prices = {name: _share(value) for name, value in map(_named, shares)}
    rest = {"price_shares": prices} if prices else {}
    if chips is not None:
        if figures:
            raise InvalidInput.at("list", "does not go with --figure; leave one of them out")
        return {"list": json_of(chips, "list"), **rest}
    return {"grid": dict(map(_named, figures)), **rest} if figures else None


def _named(text: str) -> tuple[str, str]:
    name, mark, values = text.partition("=")
    if not mark:
        raise InvalidInput.at("figure", f"write 'memory_bandwidth=1..4 step 0.5', not '{text}'")
    return name.strip(), values.strip()


def _share(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _with_progress(act: Callable[[Callable[[int, int], None]], Any]) -> Any:
    columns = (TextColumn("plans"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("plans", total=None)
        return act(lambda done, total: bar.update(task, completed=done, total=total))


def candidates_csv(body: Mapping[str, Any]) -> str:
    """One line per candidate, in base units and ms: its figures, its best plan, what that does."""
    text = io.StringIO()
    rows = _with_progress(partial(evaluate_candidates, body))
    names = [name for name in rows.dtype.names if name not in ("index", "latency", "fits")]
    writer = csv.writer(text)
    writer.writerow([f"{name}_ms" if name in ("ttft", "tpot") else name for name in names])
    columns = (_column(name, rows) for name in names)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _column(name: str, rows: Any) -> list[Any]:
    """A column as a table shows it: nothing where there is no plan or no figure."""
    column = rows[name] / MILLI if name in ("ttft", "tpot") else rows[name]
    always = ("number", "feasible", *FIGURES, "usd_per_chip_hour")
    values = column.tolist()
    known = [True] * len(rows) if name in always else rows["feasible"].tolist()
    return [
        value if there and value == value else ""
        for value, there in zip(values, known, strict=True)
    ]


def _print(result: EvaluationResult, table: CandidatesTable, top: int) -> None:
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(
        f"{table.total:,} candidates, {table.feasible:,} with a feasible plan; front of "
        f"{' and '.join(table.front_by)}: {len(table.front)}."
    )
    console.print(_rows_table(table, top))
    if table.worth_sentence:
        console.print(table.worth_sentence)
    for warning in result.warnings:
        console.print(f"Note: {warning.message}", style="dim", highlight=False)


def _rows_table(table: CandidatesTable, top: int) -> Table:
    shown = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    shown.add_column("chip", no_wrap=True)
    for header, *_ in _COLUMNS:
        shown.add_column(header, justify="right", no_wrap=True)
    shown.add_column("plan", no_wrap=True)
    for header, *_ in _FIGURES:
        shown.add_column(header, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    if table.base is not None:
        shown.add_row("base", *_cells(table.base), "")
    for row in _first(table, top):
        shown.add_row(row.name or f"#{row.number}", *_cells(row), ", ".join(_marks(table, row)))
    return shown


def _first(table: CandidatesTable, top: int) -> list[CandidateRow]:
    """The front, then the best of the others."""
    known = {row.number: row for row in table.rows}
    front = [known[number] for number in table.front if number in known]
    others = [row for row in table.rows if row.number not in set(table.front)]
    ranked = sorted(others, key=lambda row: -(row.score if row.score is not None else -1.0))
    return [*front, *ranked[:top]]


def _marks(table: CandidatesTable, row: CandidateRow) -> Iterator[str]:
    if row.number == table.best:
        yield "best"
    if row.number == table.cheapest:
        yield "cheapest"
    if row.number in table.front:
        yield "front"


def _cells(row: CandidateRow) -> Iterator[str]:
    for _, name, scale, form in _COLUMNS:
        value = getattr(row, name)
        yield "" if value is None else format(value / scale, form)
    if row.parallelism is None:
        yield from (row.reason_code or "", *[""] * len(_FIGURES))
        return
    yield degrees_name(row.parallelism)
    for _, name, form in _FIGURES:
        value = getattr(row, name)
        yield "" if value is None else format(value, form)
