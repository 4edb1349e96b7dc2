"""What an operator asks of a chip (Work) and of its links (Message), as columns over plans."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from llm_simulator.units import Array, Bytes, Count, Flop

GroupName = Literal["tensor", "sequence", "cache", "expert", "expert_tensor", "pipeline"]
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
class Relay:
    """Tokens that cross the network once to each server, whose ranks hand them on inside.

    References: DeepSeek-V3 technical report, arXiv 2412.19437, section 3.2.2; DeepEP's normal
    kernels (deepseek-ai/DeepEP), which its low-latency ones for decoding do without.
    """

    used: Count
    """1 in steps whose messages may go like this, 0 in others; shape [P]."""
    across: Callable[[Count], Bytes]
    """Bytes that a rank sends where each of so many servers gets what it needs once; [P]."""


@dataclass(frozen=True)
class Message:
    """Communication of one operator in one step of one pipeline stage; shape [P]."""

    operator: str
    pattern: Pattern
    group: GroupName
    size: Bytes
    """Bytes a rank contributes: the reduced buffer, its own part of a gather, what it sends."""
    repeats: Count = 1.0
    relay: Relay | None = None
    """How an all-to-all between servers may go; None where each copy crosses by itself."""

    def at(self, part: Callable[[Count], Array]) -> "Message":
        """The same of a ``part`` of its columns, repeated once."""
        relay = self.relay
        if relay is not None:
            across = relay.across
            relay = Relay(part(relay.used), lambda servers: part(across(servers)))
        return replace(self, size=part(self.size), repeats=1.0, relay=relay)


@dataclass(frozen=True)
class Tile:
    """Rows and columns of the output that a matrix unit computes at once."""

    rows: Count
    columns: Count
    most_rows: Count = 0
    """Kernels take several times ``rows`` where a product has so many, up to these."""

    def height(self, rows: Count) -> Count:
        """Rows of the tiles that a product of so many ``rows`` is computed in.

        >>> [float(Tile(16, 128, most_rows=64).height(rows)) for rows in (4, 20, 500)]
        [16.0, 32.0, 64.0]
        """
        whole = np.ceil(np.asarray(rows) / self.rows) * self.rows
        return np.minimum(np.maximum(whole, self.rows), np.maximum(self.rows, self.most_rows))


@dataclass(frozen=True)
class Product:
    r"""``groups`` matrix products :math:`[m, k] \times [k, n]` of one operator, weights read once.

    .. math:: F = 2mnk, \quad B = k n\,b_w + m k\,b_a + m n\,b_{out}

    Output tiles are padded: :math:`\lceil m/t_m\rceil \lceil n/t_n\rceil` of them are computed.
    Weights stored narrower than they are multiplied are widened once per tile, which the matrix
    unit waits for. Only sizes are kept: what they make is worked out when it is asked for, of
    many products at once where they are columns (``together``).
    """

    operator: str
    rows: Count
    columns: Count
    inner: Count
    weight_bytes: Count
    activation_bytes: Count
    unit: str
    tile: Tile
    widening: Count = 0.0
    """Rows of a tile that widening its weights takes as long as."""
    groups: Count = 1.0
    repeats: Count = 1.0
    kernels: int = 1

    @cached_property
    def _height(self) -> Count:
        return self.tile.height(self.rows)

    @cached_property
    def padded_tiles(self) -> Count:
        """Output tiles that are computed."""
        rows, columns = self.rows / self._height, self.columns / self.tile.columns
        return self.groups * np.ceil(rows) * np.ceil(columns)

    @property
    def padded_flops(self) -> Flop:
        """Operations including the padding of tiles and the widening of weights."""
        height = self._height + self.widening
        return 2.0 * self.padded_tiles * height * self.tile.columns * self.inner

    @property
    def flops(self) -> Flop:
        """Useful operations."""
        return 2.0 * self.groups * self.rows * self.columns * self.inner

    @property
    def bytes(self) -> Bytes:
        """Memory read and written."""
        moved = self.inner * self.columns * self.weight_bytes
        moved = moved + self.rows * self.inner * self.activation_bytes
        return self.groups * (moved + self.rows * self.columns * ACTIVATION_BYTES)

    @property
    def work(self) -> Work:
        """The same as any other work."""
        names = ("operator", "flops", "bytes", "unit", "padded_tiles", "padded_flops", "repeats")
        return Work(**{name: getattr(self, name) for name in names})


AnyWork = Work | Product
