"""Plans as columns.

Axes: P is the number of plans; every column is an integer array of shape [P].
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from llm_simulator.units import IntArray


@dataclass(frozen=True)
class PlanTable:
    """Parallel degrees of P plans.

    ``dp`` counts every data-parallel rank; ``attention_dp`` of them share one set of experts, the
    rest are independent replicas: ``moe_tp * ep = tp * sp * attention_dp``, ``dp = attention_dp *
    replicas``. Ranks are numbered tp innermost, then sp, attention dp, pp, replicas. ``dcp`` takes
    no ranks of its own: neighbours in a tensor-parallel group share out each request's cache.
    """

    dp: IntArray
    """Data-parallel ranks, each with its own requests."""
    tp: IntArray
    """Tensor-parallel ranks that share every matrix of attention and dense layers."""
    pp: IntArray
    """Pipeline stages."""
    ep: IntArray
    """Expert-parallel ranks, each with its own experts; 1 for a dense model."""
    sp: IntArray
    """Sequence-parallel ranks that share each request's tokens and cache."""
    moe_tp: IntArray
    """Tensor-parallel ranks that share each expert; 1 for a dense model."""
    dcp: IntArray
    """Decode-context-parallel ranks: of tp, those that hold a share of a request's cache each."""

    def __post_init__(self) -> None:
        shapes = {column.shape for column in vars(self).values()}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"the columns of a plan table must share one shape [P], not {shapes}")

    def __len__(self) -> int:
        return len(self.dp)

    def __getitem__(self, rows: slice | IntArray) -> "PlanTable":
        """The plans of ``rows``, in their order."""
        return PlanTable(*(getattr(self, name)[rows] for name in DEGREES))

    @cached_property
    def attention_dp(self) -> IntArray:
        """Data-parallel ranks of attention that share one set of experts; 1 for a dense model."""
        return np.maximum(self.moe_tp * self.ep // (self.tp * self.sp), 1)

    @cached_property
    def has_dcp(self) -> bool:
        """Whether any plan shares out the cache of its tensor-parallel ranks."""
        return bool(np.any(self.dcp != 1))

    @cached_property
    def replicas(self) -> IntArray:
        """Independent copies of the model."""
        return self.dp // self.attention_dp

    @cached_property
    def chips(self) -> IntArray:
        """Chips the plan occupies."""
        return self.dp * self.tp * self.sp * self.pp

    @cached_property
    def has_stages(self) -> bool:
        """Whether any plan has more than one pipeline stage."""
        return bool(self.pp.max(initial=1) > 1)

    def rows(self) -> list[dict[str, int]]:
        """The plans one by one, as the wire names them."""
        columns = {name: getattr(self, name).tolist() for name in DEGREES}
        return [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]

    @classmethod
    def of(cls, plan: Mapping[str, int]) -> "PlanTable":
        """The table of one plan; ``dcp`` left out is 1.

        >>> PlanTable.of({"dp": 2, "tp": 8, "pp": 1, "ep": 16, "sp": 1, "moe_tp": 1}).chips
        array([16])
        """
        return cls(**{name: np.array([degree]) for name, degree in {"dcp": 1, **plan}.items()})


DEGREES = tuple(field.name for field in fields(PlanTable))
"""Names of the columns."""
