"""What an operator asks of a chip (Work) and of its links (Message), as columns over plans."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from llm_simulator.units import Bytes, Count, Flop

GroupName = Literal["tensor", "sequence", "expert", "expert_tensor", "pipeline"]
GROUPS: tuple[GroupName, ...] = get_args(GroupName)
Pattern = Literal["all_reduce", "all_gather", "all_to_all", "send"]

ACTIVATION_BYTES = 2.0
"""Bytes of one hidden-state element: bf16 between operators in every engine."""

WIDENING_ROWS = 16.0
"""Rows of a product that take as long as converting its weights, one vector operation each.

Vector units do 1/15 of a matrix unit's bf16 FLOP (H100 data sheet: 67 against 989 TFLOP/s).
"""


@dataclass(frozen=True)
class Work:
    """Computation of one operator on one rank in one step of one pipeline stage; shape [P]."""

    operator: str
    flops: Flop
    """Useful operations, padding left out."""
    bytes: Bytes
    """Memory read and written."""
    unit: str
    """Matrix unit that does them, a key of ``ChipSpec.peak_flops``."""
    padded_tiles: Count | None = None
    """Output tiles that a tiled product computes, per repetition; None for untiled work."""
    padded_flops: Flop | None = None
    """Operations including the padding of tiles; None where nothing is padded."""
    kernels: int = 1
    repeats: Count = 1.0
    """Times the operator runs in the step: layers of its kind on the stage."""


@dataclass(frozen=True)
class Message:
    """Communication of one operator in one step of one pipeline stage; shape [P]."""

    operator: str
    pattern: Pattern
    group: GroupName
    size: Bytes
    """Bytes a rank contributes: the reduced buffer, its own part of a gather, what it sends."""
    repeats: Count = 1.0


@dataclass(frozen=True)
class Tile:
    """Rows and columns of the output that a matrix unit computes at once."""

    rows: int
    columns: int
    most_rows: int = 0
    """Kernels take several times ``rows`` where a product has so many, up to these."""

    def height(self, rows: Count) -> Count:
        """Rows of the tiles that a product of so many ``rows`` is computed in.

        >>> [float(Tile(16, 128, most_rows=64).height(rows)) for rows in (4, 20, 500)]
        [16.0, 32.0, 64.0]
        """
        whole = np.ceil(np.asarray(rows) / self.rows) * self.rows
        return np.clip(whole, self.rows, max(self.rows, self.most_rows))


def gemm(
    operator: str,
    *,
    rows: Count,
    columns: Count,
    inner: Count,
    weight_bytes: float,
    activation_bytes: float,
    unit: str,
    tile: Tile,
    widens_weights: bool = False,
    groups: Count = 1.0,
    repeats: Count = 1.0,
) -> Work:
    r"""Work of ``groups`` products :math:`[m, k] \times [k, n]`, weights read once each.

    .. math:: F = 2mnk, \quad B = k n\,b_w + m k\,b_a + m n\,b_{out}

    Output tiles are padded: :math:`\lceil m/t_m\rceil \lceil n/t_n\rceil` of them are computed.
    Weights stored narrower than they are multiplied are widened once per tile, which the matrix
    unit waits for.
    """
    height = tile.height(rows)
    tiles = groups * np.ceil(rows / height) * np.ceil(columns / tile.columns)
    moved = inner * columns * weight_bytes
    moved = moved + rows * inner * activation_bytes + rows * columns * ACTIVATION_BYTES
    widening = WIDENING_ROWS if widens_weights else 0.0
    return Work(
        operator=operator,
        flops=2.0 * groups * rows * columns * inner,
        bytes=groups * moved,
        unit=unit,
        padded_tiles=tiles,
        padded_flops=2.0 * tiles * (height + widening) * tile.columns * inner,
        repeats=repeats,
    )
