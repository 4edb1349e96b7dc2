"""The operators of a step as rows of one table, so that a formula runs once for all of them.

Axes: O operators, then those of the step's tokens: T steps beside each other, P plans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from llm_simulator.planner.operators.work import AnyWork, Product, Tile, Work
from llm_simulator.units import Array, Count

_SIZES = ("rows", "columns", "inner", "groups")


@dataclass(frozen=True)
class Works:
    """What ``Work`` is of one operator, of O of them; columns of shape [O, T, P]."""

    each: tuple[AnyWork, ...]
    flops: Array
    bytes: Array
    padded_tiles: Array
    """1 for what isn't tiled: its only tile has no padding."""
    padded_flops: Array

    @property
    def kernels(self) -> Array:
        """Kernels that each of them starts."""
        return self.column([work.kernels for work in self.each])

    @cached_property
    def repeats(self) -> Array:
        """Times that they run, by the counts of ``layer_counts``; [O, 4, T, P], or 1 for the last
        two where they are the same for all."""
        return _column([work.repeats for work in self.each])

    def one(self, row: int, place: Any) -> Work:
        """One of them at a ``place`` of the columns, repeated once."""
        work = self.each[row]
        is_tiled = isinstance(work, Product) or work.padded_tiles is not None
        return Work(
            work.operator,
            self.flops[row][place],
            self.bytes[row][place],
            work.unit,
            padded_tiles=self.padded_tiles[row][place] if is_tiled else None,
        )

    def column(self, values: Sequence[Count]) -> Array:
        """A figure of each of them, or a column [P] of figures."""
        return _column(values, self.flops.ndim - 1)


def together(works: Sequence[AnyWork], shape: tuple[int, ...]) -> Works:
    """The table of some ``works`` whose columns have this ``shape``, in their order."""
    flops, moved, tiles, padded = np.empty((4, len(works), *shape))
    tiled = [row for row, work in enumerate(works) if isinstance(work, Product)]
    if tiled:
        products = _products([work for work in works if isinstance(work, Product)], shape)
        flops[tiled], moved[tiled] = products.flops, products.bytes
        tiles[tiled], padded[tiled] = products.padded_tiles, products.padded_flops
    for row, work in enumerate(works):
        if isinstance(work, Work):
            flops[row], moved[row] = work.flops, work.bytes
            tiles[row] = 1.0 if work.padded_tiles is None else work.padded_tiles
            padded[row] = work.flops if work.padded_flops is None else work.padded_flops
    return Works(tuple(works), flops, moved, tiles, padded)


def _products(products: Sequence[Product], shape: tuple[int, ...]) -> Product:
    """One product of columns [O, ...]."""
    sizes: dict[str, Any] = {}
    for name in _SIZES:
        sizes[name] = np.empty((len(products), *shape))
        for row, product in enumerate(products):
            sizes[name][row] = getattr(product, name)

    figures = np.array([_figures(product) for product in products], dtype=float).T
    weights, activations, widening, *tile = figures.reshape(*figures.shape, *(1,) * len(shape))
    return Product(
        "products",
        **sizes,
        unit="",
        weight_bytes=weights,
        activation_bytes=activations,
        widening=widening,
        tile=Tile(*tile),
    )


def _figures(product: Product) -> tuple[Count, ...]:
    """What is one number of a product, whatever the plan."""
    tile = product.tile
    return (
        *(product.weight_bytes, product.activation_bytes, product.widening),
        *(tile.rows, tile.columns, tile.most_rows),
    )


def _column(values: Sequence[Count], dimensions: int = 0) -> Array:
    """Figures or columns side by side, [O, ...], with at least so many further axes."""
    shapes = {value.shape if isinstance(value, np.ndarray) else () for value in values}
    if len(shapes) > 1:
        values = np.broadcast_arrays(*values)
    found = np.array(values, dtype=float)
    missing = dimensions + 1 - found.ndim
    return found.reshape(len(values), *(1,) * missing, *found.shape[1:])
