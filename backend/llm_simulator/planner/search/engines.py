"""What engines mean for a search: pools of one engine, and sentences where none starts a plan."""

import numpy as np

from llm_simulator.planner.plans.engine_rules import ENGINE_NAMES
from llm_simulator.planner.plans.engines import (
    foreign_chip,
    has_code,
    refused_by_all,
    started_by_one,
    version_asked,
)
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.warning import EvaluationWarning


def plans_of_one_engine(
    request: EvaluationRequest, plans: PlanTable
) -> tuple[PlanTable, list[EvaluationWarning]]:
    """What pools may be made of, and a sentence where plans are left out.

    No engine takes over another's cache, so that both pools run the same.
    """
    manual = request.search_mode == "manual"
    if manual or request.search_constraints.unsupported_plans:
        return plans, []
    plans = _with_cache_to_hand_over(request.deployment, plans)
    engine, started = started_by_one(request.deployment, plans)
    if started.all():
        return plans, []
    return plans[np.flatnonzero(started)], [
        EvaluationWarning.of(
            "pools_of_one_engine",
            "Both pools run one engine, here {engine}, which starts the most plans; name "
            "inference.engine for the plans of another.",
            engine=ENGINE_NAMES[engine],
        )
    ]


def _with_cache_to_hand_over(deployment: Deployment, plans: PlanTable) -> PlanTable:
    """Plans whose caches an engine passes on to another pool.

    vLLM has latents either whole on every rank or shared out to all ranks of tp (0.33,
    config/vllm.py, NixlConnector); what others do is not known.
    """
    if not plans.has_dcp:
        return plans
    kept = plans.dcp == 1
    if deployment.model.attention == "mla" and deployment.workload.engine != "sglang":
        kept = kept | (plans.dcp == plans.tp)
    return plans[np.flatnonzero(kept)]


def engine_notes(
    request: EvaluationRequest, by_hand: tuple[PlanTable, PlanTable] | None
) -> list[EvaluationWarning]:
    """Warnings where no engine starts what is given ``by_hand``, or the named one no plan at all,
    or has no code for the model.

    ``by_hand`` are the plans that prefill and decode, the same one where there are no pools.
    """
    engine, deployed = request.deployment.workload.engine, request.deployment
    found: list[EvaluationWarning] = []
    if by_hand is not None:
        prefill, decode = by_hand
        served = [(deployed, prefill)]
        if decode is not prefill or request.decoding is not None:
            served.append((request.decoding or deployed, decode))
        refusal = refused_by_all(*served)
        if refusal is not None:
            found.append(EvaluationWarning.of("no_engine_starts", "{sentence}", sentence=refusal))
    if engine is not None:
        chips = [part.chip for part in (deployed, request.decoding) if part is not None]
        for chip in {chip.name: chip for chip in chips}.values():
            reason = foreign_chip(engine, chip)
            if reason is not None:
                found.append(_does_not_start(ENGINE_NAMES[engine], chip.name, reason))
        if not has_code(engine, deployed):
            found.append(_has_no_code(engine, deployed))
    return found


def _has_no_code(engine: Engine, deployed: Deployment) -> EvaluationWarning:
    return EvaluationWarning.of(
        "engine_lacks_model",
        "{engine} has no code for {architecture}, the architecture of {model}; it may load it "
        "through the Transformers library, at another speed than shown.",
        engine=version_asked(engine, deployed.workload),
        architecture=str(deployed.model.architecture),
        model=deployed.model.name,
    )


def _does_not_start(engine: str, chip: str, reason: str) -> EvaluationWarning:
    return EvaluationWarning.of(
        "engine_not_on_chip",
        "{engine} does not start on {chip}: hardware {reason}.",
        engine=engine,
        chip=chip,
        reason=reason,
    )
