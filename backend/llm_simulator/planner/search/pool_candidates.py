"""One chunk of a disaggregated search: which plans may serve in a pool, as plain data.

Every plan is tried as a prefill instance and as a decode instance at a ladder of batches. Among
instances of equally many chips, one that another matches or beats in everything the deployment
depends on (docs/model.md), at every concurrency in problem, can't be part of a better one, so it
is dropped at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.costs.memory import ResidentMemory, running_requests
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.search.outcome import Columns, Counts, PoolOutcome
from llm_simulator.planner.search.pareto import undominated
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.instances import (
    DecodeInstances,
    PrefillInstances,
    decode_instances,
    decode_memory,
    prefill_instances,
    prefill_memory,
    prompts_in_budget,
)
from llm_simulator.planner.specs.deployment import Deployment
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
        return replace(self, index=self.index[rows], instances=self.instances[rows])

    def columns(self) -> Columns:
        """Plain data; ``candidates_of`` reads it back."""
        columns = {"index": self.index} | self.instances.columns()
        return {name: column.tolist() for name, column in columns.items()}


@dataclass(frozen=True)
class Role(Generic[Kind]):
    """How plans are judged as instances of one pool."""

    kind: type[Kind]
    evaluate: Callable[[Deployment, PlanTable, IntArray], Kind]
    memory: Callable[[Deployment, PlanTable, IntArray], ResidentMemory]
    most: Callable[[Deployment, PlanTable, int], IntArray]
    """Largest batch per rank that can be of use to so many requests in flight."""
    costs: Callable[[Kind], Array]
    """[R, K]: what a deployment depends on, less is better."""


def _most_prompts(deployment: Deployment, plans: PlanTable, population: int) -> IntArray:
    return np.minimum(prompts_in_budget(deployment), -(-population // (plans.dp * plans.pp)))


def _most_slots(deployment: Deployment, plans: PlanTable, population: int) -> IntArray:
    return np.asarray(running_requests(deployment, -(-population // plans.dp)))


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
    _most_slots,
    lambda made: np.stack((made.tpot, -1.0 * made.slots, -1.0 * made.receivers), axis=-1),
)


def ladder(most: int, per_octave: int) -> IntArray:
    """Whole numbers from 1 to ``most``, sparser as they grow, ``most`` among them.

    >>> ladder(20, 4).tolist()
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20]
    """
    octaves = np.arange(np.ceil(np.log2(most) * per_octave) + 1) / per_octave
    return np.unique(np.append(np.minimum(np.ceil(2.0**octaves), most), most)).astype(np.int64)


def on_grid(chips: IntArray, max_chips: int) -> NDArray[np.bool_]:
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


def pool_outcome(problem: SearchProblem, plans: PlanTable, start: int) -> PoolOutcome:
    """The outcome of instance ``plans``, which stand at ``start`` in their enumeration."""
    populations = problem.concurrencies
    prefill, fit_prefill, prefills = _candidates(
        PREFILL, problem.deployment, plans, start, populations
    )
    decode, fit_decode, decodes = _candidates(DECODE, problem.decoding, plans, start, populations)
    fitting = int(np.count_nonzero(fit_prefill | fit_decode))
    misfits = len(plans) - fitting
    return PoolOutcome(
        counts=Counts(
            evaluated=len(plans),
            evaluations=prefills + decodes,
            feasible=fitting,
            reasons={"memory": misfits} if misfits else {},
        ),
        prefill=prefill.columns(),
        decode=decode.columns(),
    )


def candidates_of(
    role: Role[Kind],
    populations: Sequence[int],
    parts: Sequence[Columns],
) -> Candidates[Kind]:
    """The candidates of all chunks together, whatever their order; never none.

    Where no plan fits, the one nearest to fitting stands for all.
    """
    names = parts[0]
    joined = {name: np.array([value for part in parts for value in part[name]]) for name in names}
    index = joined.pop("index")
    found = Candidates(index, role.kind(**joined))
    found = found[np.lexsort((found.instances.batch, found.index, found.instances.chips))]
    fits = found.instances.memory <= found.instances.usable
    if not fits.any():
        return found[np.array([np.argmin(found.instances.memory)])]
    return _pruned(role, found[np.flatnonzero(fits)], populations)


def _candidates(
    role: Role[Kind],
    deployment: Deployment,
    plans: PlanTable,
    start: int,
    populations: Sequence[int],
) -> tuple[Candidates[Kind], NDArray[np.bool_], int]:
    """Plans worth pairing in this role, which of them fit at all, and evaluations made."""
    alone = np.ones(len(plans), dtype=np.int64)
    least = role.memory(deployment, plans, alone)
    fits = least.total <= least.usable
    if not fits.any():
        nearest = np.array([np.argmin(least.total)])
        made = role.evaluate(deployment, plans[nearest], alone[nearest])
        return Candidates(nearest + start, made), fits, len(plans)
    rows, batches = _tried(role, deployment, plans, fits, populations)
    memory = role.memory(deployment, plans[rows], batches)
    fitting = memory.total <= memory.usable
    made = role.evaluate(deployment, plans[rows[fitting]], batches[fitting])
    found = Candidates(rows[fitting], made)
    found = found[np.lexsort((made.batch, found.index, made.chips))]
    kept = _pruned(role, found, populations)
    return Candidates(kept.index + start, kept.instances), fits, len(rows)


def _tried(
    role: Role[Kind],
    deployment: Deployment,
    plans: PlanTable,
    fits: NDArray[np.bool_],
    populations: Sequence[int],
) -> tuple[IntArray, IntArray]:
    """Each fitting plan with each batch of the ladder, and with what each population fills."""
    most = np.stack([role.most(deployment, plans, number) for number in populations], axis=-1)
    steps = ladder(int(most.max()), BATCHES_PER_OCTAVE)
    on_ladder = np.minimum(steps, most[:, -1:])
    batches = np.concatenate((on_ladder, most), axis=1)
    batches.sort(axis=1)
    new = np.ones(batches.shape, dtype=np.bool_)
    new[:, 1:] = batches[:, 1:] != batches[:, :-1]
    rows, at = np.nonzero(new & fits[:, None])
    return rows, batches[rows, at]


def _pruned(
    role: Role[Kind], found: Candidates[Kind], populations: Sequence[int]
) -> Candidates[Kind]:
    """What no other beats that is of use to every population that this one is of use to."""
    of_use_from = np.searchsorted(np.asarray(populations), found.instances.filled_by)
    costs = np.column_stack((role.costs(found.instances), of_use_from.astype(float)))
    return found[undominated(found.instances.chips, costs)]
