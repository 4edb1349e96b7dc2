"""A matrix product of the step's tokens with one weight matrix."""

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.work import WIDENING_ROWS, Product, Tile
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
) -> Product:
    """The product of one linear layer in the format of its module."""
    return Product(
        operator,
        rows=rows,
        columns=columns,
        inner=inner,
        weight_bytes=matrix_format.weight_bytes,
        activation_bytes=matrix_format.activation_bytes,
        unit=matrix_format.unit,
        widening=WIDENING_ROWS if matrix_format.widens_weights else 0.0,
        tile=tile or context.tile,
        groups=groups,
        repeats=repeats,
    )
