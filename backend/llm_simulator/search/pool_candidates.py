"""One chunk of a disaggregated search: which plans may serve in a pool, as plain data.

Every plan is tried as a prefill instance and as a decode instance at a ladder of batches. Among
instances of equally many chips, one that another matches or beats in everything the deployment
depends on (docs/model.md) can't be part of a better one, so it is dropped at once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from llm_simulator.costs.memory import Memory
from llm_simulator.plans.table import PlanTable
from llm_simulator.search.chunk import Columns, Outcome, PoolOutcome
from llm_simulator.search.pareto import undominated
from llm_simulator.serving.instances import (
    DecodeInstances,
    PrefillInstances,
    decode_instances,
    decode_memory,
    prefill_instances,
    prefill_memory,
)
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray

BATCHES_PER_OCTAVE = 4
"""Batches tried between a number and its double: neighbours differ by 19 % at most."""

SMALL_CLUSTER = 128
"""Chips up to which pool sizes have five significant binary digits; beyond, four."""

Kind = TypeVar("Kind", PrefillInstances, DecodeInstances)


@dataclass(frozen=True)
class Candidates(Generic[Kind]):
    """Instances worth pairing; columns of shape [C]."""

    index: IntArray
    """Their place in the enumeration of instance plans."""
    instances: Kind

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, rows: Any) -> "Candidates[Kind]":
        """The candidates of ``rows``."""
        return Candidates(self.index[rows], self.instances[rows])

    def columns(self) -> Columns:
        """Plain data; ``candidates_of`` reads it back."""
        columns = {"index": self.index} | self.instances.columns()
        return {name: column.tolist() for name, column in columns.items()}


@dataclass(frozen=True)
class Role(Generic[Kind]):
    """How plans are judged as instances of one pool."""

    kind: type[Kind]
    evaluate: Callable[[Deployment, PlanTable, IntArray], Kind]
    memory: Callable[[Deployment, PlanTable, IntArray], Memory]
    most: Callable[[Deployment, PlanTable], IntArray]
    """Largest batch per rank that can be of use."""
    costs: Callable[[Kind], Array]
    """[R, K]: what a deployment depends on, less is better."""


def _most_prompts(deployment: Deployment, plans: PlanTable) -> IntArray:
    workload = deployment.workload
    in_budget = max(workload.max_batched_tokens // workload.input_seq_length, 1)
    return np.minimum(in_budget, -(-workload.batch_size // (plans.dp * plans.pp)))


def _most_places(deployment: Deployment, plans: PlanTable) -> IntArray:
    return -(-deployment.workload.batch_size // plans.dp)


PREFILL = Role(
    PrefillInstances,
    prefill_instances,
    prefill_memory,
    _most_prompts,
    lambda made: np.stack((made.time, -made.rate, -1.0 * made.senders), axis=-1),
)
DECODE = Role(
    DecodeInstances,
    decode_instances,
    decode_memory,
    _most_places,
    lambda made: np.stack((made.tpot, -1.0 * made.places, -1.0 * made.receivers), axis=-1),
)


def ladder(most: int, per_octave: int) -> IntArray:
    """Whole numbers from 1 to ``most``, sparser as they grow, ``most`` among them.

    >>> ladder(20, 4).tolist()
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20]
    """
    octaves = np.arange(np.ceil(np.log2(most) * per_octave) + 1) / per_octave
    return np.unique(np.append(np.minimum(np.ceil(2.0**octaves), most), most)).astype(np.int64)


def on_grid(chips: IntArray, max_chips: int) -> np.ndarray[Any, Any]:
    """Whether a pool may have so many chips; only an instance on the grid can make up such a pool.

    All sizes to 32, every second to 64, every fourth to 128; half as many in a larger cluster.

    >>> chips = np.arange(1, 80)
    >>> chips[~on_grid(chips, 64)][:4].tolist(), chips[on_grid(chips, 64)][-4:].tolist()
    ([33, 35, 37, 39], [64, 68, 72, 76])
    """
    odd_part = chips // (chips & -chips)
    return odd_part < (2**5 if max_chips <= SMALL_CLUSTER else 2**4)


def instance_plans(plans: PlanTable, max_chips: int) -> PlanTable:
    """The plans of one copy of the model each, of sizes that pools are made of."""
    kept = (plans.replicas == 1) & on_grid(plans.chips, max_chips)
    return plans[np.flatnonzero(kept)]


def pool_outcome(deployment: Deployment, plans: PlanTable, start: int) -> PoolOutcome:
    """The outcome of instance ``plans``, which stand at ``start`` in their enumeration."""
    prefill, fit_prefill = _candidates(PREFILL, deployment, plans, start)
    decode, fit_decode = _candidates(DECODE, deployment, plans, start)
    return PoolOutcome(
        evaluated=len(plans),
        fitting=int(np.count_nonzero(fit_prefill | fit_decode)),
        prefill=prefill.columns(),
        decode=decode.columns(),
    )


def as_outcome(found: PoolOutcome) -> Outcome:
    """How a running search counts instance plans: those that fit in neither pool miss the memory.

    >>> out = as_outcome(PoolOutcome(evaluated=3, fitting=2, prefill={}, decode={}))
    >>> out["feasible"], out["reasons"]
    (2, {'memory': 1})
    """
    misfits = found["evaluated"] - found["fitting"]
    return Outcome(
        evaluated=found["evaluated"],
        feasible=found["fitting"],
        reasons={"memory": misfits} if misfits else {},
        best=[],
        nearest=[],
        seconds=0.0,
    )


def candidates_of(
    role: Role[Kind], deployment: Deployment, parts: Sequence[Columns]
) -> Candidates[Kind]:
    """The candidates of all chunks together, whatever their order; never none.

    Where no plan fits, the one nearest to fitting stands for all.
    """
    names = parts[0]
    joined = {name: np.array([value for part in parts for value in part[name]]) for name in names}
    index = joined.pop("index")
    found = Candidates(index, role.kind(**joined))
    found = found[np.lexsort((found.instances.batch, found.index, found.instances.chips))]
    fits = found.instances.memory <= usable_memory(deployment)
    if not fits.any():
        return found[np.array([np.argmin(found.instances.memory)])]
    return _pruned(role, found[fits])


def usable_memory(deployment: Deployment) -> float:
    """Bytes of a chip that the engine may fill."""
    return deployment.chip.memory_capacity * deployment.workload.memory_utilization


def _candidates(
    role: Role[Kind], deployment: Deployment, plans: PlanTable, start: int
) -> tuple[Candidates[Kind], np.ndarray[Any, Any]]:
    """Plans worth pairing in this role, and which of them fit at all."""
    alone = np.ones(len(plans), dtype=np.int64)
    least = role.memory(deployment, plans, alone).total
    fits = least <= usable_memory(deployment)
    if not fits.any():
        nearest = np.array([np.argmin(least)])
        made = role.evaluate(deployment, plans[nearest], alone[nearest])
        return Candidates(nearest + start, made), fits
    parts = [_pruned(role, part) for part in _at_every_batch(role, deployment, plans, fits)]
    found = _joined(role, parts)
    found = found[np.lexsort((found.instances.batch, found.index, found.instances.chips))]
    kept = _pruned(role, found)
    return Candidates(kept.index + start, kept.instances), fits


def _at_every_batch(
    role: Role[Kind], deployment: Deployment, plans: PlanTable, fits: np.ndarray[Any, Any]
) -> Iterator[Candidates[Kind]]:
    """The fitting plans at each batch of the ladder, as far as it is of use to them."""
    most = role.most(deployment, plans)
    before = 0
    for batch in ladder(int(most.max()), BATCHES_PER_OCTAVE).tolist():
        rows = np.flatnonzero(fits & (most > before))
        batches = np.minimum(batch, most[rows])
        memory = role.memory(deployment, plans[rows], batches).total
        fitting = memory <= usable_memory(deployment)
        rows, batches = rows[fitting], batches[fitting]
        if len(rows) == 0:
            return
        yield Candidates(rows, role.evaluate(deployment, plans[rows], batches))
        before = batch


def _joined(role: Role[Kind], parts: Sequence[Candidates[Kind]]) -> Candidates[Kind]:
    names = parts[0].instances.columns()
    columns = {
        name: np.concatenate([getattr(part.instances, name) for part in parts]) for name in names
    }
    return Candidates(np.concatenate([part.index for part in parts]), role.kind(**columns))


def _pruned(role: Role[Kind], found: Candidates[Kind]) -> Candidates[Kind]:
    return found[undominated(found.instances.chips, role.costs(found.instances))]
