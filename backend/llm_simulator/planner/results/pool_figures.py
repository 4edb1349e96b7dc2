"""The full figures of the disaggregated deployments that are shown, ranked with the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.memory import Memory
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.economics import plan_economics
from llm_simulator.planner.results.figures import (
    latency_parts,
    memory_use,
    missed_limit,
    plan_results,
)
from llm_simulator.planner.results.intervals import certainty, of_unmeasured_serving
from llm_simulator.planner.results.result import Latency, MemoryUse, PlanResult, PoolResult, Pools
from llm_simulator.planner.search.disaggregated import pair_limits
from llm_simulator.planner.search.outcome import Candidate, PoolChoice
from llm_simulator.planner.search.question import Question
from llm_simulator.planner.search.ranking import score
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import (
    decode_instances,
    decode_memory,
    prefill_instances,
    prefill_memory,
)
from llm_simulator.planner.serving.pool_breakdown import pool_breakdown
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import MILLI, IntArray


def ranked_results(
    question: Question, instances: PlanTable, max_chips: int, candidates: Sequence[Candidate]
) -> list[PlanResult]:
    """The figures of ``candidates``, in their order; pools are made of ``instances``."""
    pairs = [candidate for candidate in candidates if "prefill" in candidate]
    shared = [candidate for candidate in candidates if "prefill" not in candidate]
    results = {
        **_by_index(shared, plan_results(question, shared)),
        **_by_index(pairs, pair_results(question, instances, max_chips, pairs)),
    }
    ordered = [results[candidate["index"]] for candidate in candidates]
    for place, result in enumerate(ordered, start=1):
        result["rank"] = place if result["is_feasible"] else None
    return ordered


def _by_index(
    candidates: Sequence[Candidate], results: Sequence[PlanResult]
) -> dict[int, PlanResult]:
    places = (candidate["index"] for candidate in candidates)
    return dict(zip(places, results, strict=True))


@dataclass(frozen=True)
class Chosen:
    """One pool of each pair: its plan, its batch per rank, how many instances; shape [Q]."""

    plans: PlanTable
    batch: IntArray
    count: IntArray

    @classmethod
    def of(cls, instances: PlanTable, choices: Sequence[PoolChoice]) -> "Chosen":
        """The chosen pools as columns."""
        index, batch, count = (
            np.array([choice[name] for choice in choices])
            for name in ("index", "batch", "instances")
        )
        return cls(instances[index], batch, count)

    def result(
        self, row: int, *, batch: int, rate: float, time: float, used: float, memory: MemoryUse
    ) -> PoolResult:
        """One pool as it is shown; ``rate`` and ``time`` of one instance, ``used`` of the pool."""
        count, chips = int(self.count[row]), int(self.plans.chips[row])
        return PoolResult(
            parallelism=self.plans[np.array([row])].rows()[0],
            instances=count,
            chips_per_instance=chips,
            chips=count * chips,
            batch=batch,
            rate=rate,
            time_ms=time / MILLI,
            utilization=used / (count * rate),
            memory=memory,
        )


@dataclass(frozen=True)
class Pairs:
    """Chosen pairs with all their figures; columns of shape [Q]."""

    deployment: Deployment
    decoding: Deployment
    """What the decode pool runs on."""
    prefill: Chosen
    decode: Chosen
    population: IntArray

    @cached_property
    def matched(self) -> MatchedPools:
        """The pairs at work."""
        prefill, decode = self.prefill, self.decode
        return MatchedPools(
            deployment=self.deployment,
            population=self.population,
            decoding=self.decoding,
            prefill=prefill_instances(self.deployment, prefill.plans, prefill.batch),
            prefill_count=prefill.count,
            decode=decode_instances(self.decoding, decode.plans, decode.batch),
            decode_count=decode.count,
        )

    @cached_property
    def latencies(self) -> list[Latency]:
        """Every pair's breakdown."""
        parts = pool_breakdown(self.matched, self.prefill.plans, self.decode.plans)
        return latency_parts(parts, len(self.prefill.plans))

    @cached_property
    def memories(self) -> tuple[Memory, Memory]:
        """What a chip of either pool holds."""
        prefill, decode = self.prefill, self.decode
        return (
            prefill_memory(self.deployment, prefill.plans, prefill.batch),
            decode_memory(self.decoding, decode.plans, decode.batch),
        )

    def pools(self, row: int) -> Pools:
        """Both pools of one pair."""
        pairs, (in_prefill, in_decode) = self.matched, self.memories
        used = float(pairs.request_rate[row])
        return Pools(
            prefill=self.prefill.result(
                row,
                batch=int(self.prefill.batch[row] * self.prefill.plans.dp[row]),
                rate=float(pairs.prefill.rate[row]),
                time=float(pairs.prefill.time[row]),
                used=used,
                memory=memory_use(self.deployment, in_prefill, row),
            ),
            decode=self.decode.result(
                row,
                batch=int(pairs.decode.places[row]),
                rate=float(pairs.decode_rate[row] / self.decode.count[row]),
                time=float(pairs.decode.tpot[row]),
                used=used,
                memory=memory_use(self.decoding, in_decode, row),
            ),
        )


def pairs_of(question: Question, instances: PlanTable, candidates: Sequence[Candidate]) -> Pairs:
    """The pairs of pools that ``candidates`` chose."""
    return Pairs(
        question.deployment,
        question.decoding,
        Chosen.of(instances, [c["prefill"] for c in candidates if "prefill" in c]),
        Chosen.of(instances, [c["decode"] for c in candidates if "decode" in c]),
        np.array([candidate["batch_size"] for candidate in candidates]),
    )


def pair_results(
    question: Question, instances: PlanTable, max_chips: int, candidates: Sequence[Candidate]
) -> list[PlanResult]:
    """The figures of disaggregated ``candidates``, in their order, not yet ranked."""
    if not candidates:
        return []
    pairs = pairs_of(question, instances, candidates)
    matched, plans = pairs.matched, pairs.decode.plans
    limits = pair_limits(question, matched, max_chips)
    scores = score(question.objective, matched)
    rows = plans.rows()
    results = []
    for row in range(len(plans)):
        misses = [limit for limit in limits if limit.overshoot[row] > 1]
        pools = pairs.pools(row)
        ttft, tpot = float(matched.ttft[row] / MILLI), float(matched.tpot[row] / MILLI)
        results.append(
            PlanResult(
                rank=None,
                parallelism=rows[row],
                attention_dp=int(plans.attention_dp[row]),
                replicas=int(plans.replicas[row]),
                chips=int(matched.chips[row]),
                batch_size=int(pairs.population[row]),
                is_feasible=not misses,
                infeasible_reason="; ".join(miss.text(row) for miss in misses) or None,
                reason_code=misses[0].code if misses else None,
                missed_limits=[missed_limit(miss, row) for miss in misses],
                throughput=float(matched.throughput[row]),
                tps_per_chip=float(matched.throughput[row] / matched.chips[row]),
                ttft=ttft,
                tpot=tpot,
                **certainty(
                    of_unmeasured_serving(question.deployment.calibration),
                    ttft=ttft,
                    tpot=tpot,
                    throughput=float(matched.throughput[row]),
                    output_tokens=question.deployment.workload.output_seq_length,
                ),
                mfu=float(matched.mfu[row]),
                mbu=float(matched.mbu[row]),
                economics=plan_economics(matched, row),
                score=None if misses else float(scores[row]),
                latency=pairs.latencies[row],
                memory=pools["decode"]["memory"],
                simulated=None,
                serving="disaggregated",
                pools=pools,
                kv_transfer_ms=float(matched.transfer[row] / MILLI),
            )
        )
    return results
