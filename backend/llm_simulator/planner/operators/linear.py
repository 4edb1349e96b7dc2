"""A matrix product of the step's tokens with one weight matrix."""

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.work import Tile, Work, gemm
from llm_simulator.planner.specs.formats import ModuleFormat
from llm_simulator.units import Count


def linear(
    context: Context,
    operator: str,
    *,
    rows: Count,
    columns: Count,
    inner: Count,
    repeats: Count,
    matrix_format: ModuleFormat,
    groups: Count = 1.0,
    tile: Tile | None = None,
) -> Work:
    """Work of one linear layer in the format of its module; see ``work.gemm``."""
    return gemm(
        operator,
        rows=rows,
        columns=columns,
        inner=inner,
        weight_bytes=matrix_format.weight_bytes,
        activation_bytes=matrix_format.activation_bytes,
        unit=matrix_format.unit,
        widens_weights=matrix_format.widens_weights,
        tile=tile or context.tile,
        groups=groups,
        repeats=repeats,
    )
