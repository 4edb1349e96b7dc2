"""A matrix product of the step's tokens with one weight matrix."""

from llm_simulator.planner.operators.context import Context, MatrixFormat
from llm_simulator.planner.operators.work import Tile, Work, gemm
from llm_simulator.units import Count


def linear(
    context: Context,
    operator: str,
    *,
    rows: Count,
    columns: Count,
    inner: Count,
    repeats: Count,
    matrix_format: MatrixFormat | None = None,
    groups: Count = 1.0,
    tile: Tile | None = None,
) -> Work:
    """Work of one linear layer in the deployment's formats; see ``work.gemm``."""
    stored = matrix_format or context.linear_format
    return gemm(
        operator,
        rows=rows,
        columns=columns,
        inner=inner,
        weight_bytes=stored.weight_bytes,
        activation_bytes=stored.activation_bytes,
        unit=stored.unit,
        widens_weights=stored.widens_weights,
        tile=tile or context.tile,
        groups=groups,
        repeats=repeats,
    )
