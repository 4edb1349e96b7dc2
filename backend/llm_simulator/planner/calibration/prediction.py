"""What the model predicts for a measured run."""

from collections.abc import Mapping
from dataclasses import dataclass

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.levels import UNKNOWN_VERSION
from llm_simulator.planner.calibration.measurement import Measurement
from llm_simulator.planner.plans.legality import rules
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.calibrations import Subject, precision_label, precision_of
from llm_simulator.planner.requests.catalogue import Catalogue, chosen, measured_name
from llm_simulator.planner.serving.benchmark import benchmark_latency
from llm_simulator.planner.specs.calibration import ENGINES, Provenance
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment, deployment
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.formats import decided_formats
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.topology import TopologySpec
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import MILLI

LENGTH_SPREAD = {"inferencex": 0.2, "gap-analysis": 0.0}
"""Known benchmarks by ``source``: they draw lengths evenly from (1 - spread) to 1.0 of nominal."""

UNSAID_DRAFTS = {"draft_tokens": 1, "acceptance_rate": 0.78}
"""Speculation of a run that says no more than ``mtp``: read off 78 such runs."""
UNSAID_DRAFTS_OF_RANKS = UNSAID_DRAFTS | {"acceptance_rate": 0.58}
"""The same with data-parallel attention, read off 23 runs: what the steps gain, all told."""

RACK_SCALE_CHIPS = ("gb200", "gb300")

RESERVED_OUTPUT = {"trtllm": 1.0}
"""Share of its output that a request reserves cache for: TensorRT-LLM evicts nobody by default."""
GROWING_OUTPUT = 0.5
"""The others grow a request block by block: in the mean half of its output is there."""

BLACKWELL = ("b200-sxm", "b300-sxm", "gb200", "gb300")


@dataclass(frozen=True)
class Prediction:
    """Mean latencies of a run in milliseconds, each with its 80 % interval."""

    ttft_ms: float
    tpot_ms: float
    ttft_low_ms: float
    ttft_high_ms: float
    tpot_low_ms: float
    tpot_high_ms: float
    provenance: Provenance


def prediction(measured: Measurement, catalogue: Catalogue) -> Prediction:
    """The prediction for a run; raises InvalidInput when its configuration can't be evaluated."""
    deployed, plan = measured_case(measured, catalogue)
    latency = benchmark_latency(deployed, plan, reserved_output(measured))
    ttft, tpot = float(latency.ttft[0]) / MILLI, float(latency.tpot[0]) / MILLI
    calibration = deployed.calibration
    of_ttft, of_tpot = calibration.intervals(float(latency.nearness[0]))
    return Prediction(
        ttft_ms=ttft,
        tpot_ms=tpot,
        ttft_low_ms=ttft * float(of_ttft[0]),
        ttft_high_ms=ttft * float(of_ttft[1]),
        tpot_low_ms=tpot * float(of_tpot[0]),
        tpot_high_ms=tpot * float(of_tpot[1]),
        provenance=calibration.provenance,
    )


def measured_case(measured: Measurement, catalogue: Catalogue) -> tuple[Deployment, PlanTable]:
    """A run's deployment and plan; raises InvalidInput where they are not legal."""
    deployed = measured_deployment(measured, catalogue)
    plan = measured_plan(measured, deployed.model)
    for rule in rules(plan, deployed, measured.chips):
        if not rule.holds[0]:
            raise InvalidInput.at(rule.degree, rule.reason)
    return deployed, plan


def reserved_output(measured: Measurement) -> float:
    """Share of its output that a request of the run's engine reserves cache for."""
    return RESERVED_OUTPUT.get(measured.framework, GROWING_OUTPUT)


def measured_deployment(measured: Measurement, catalogue: Catalogue) -> Deployment:
    """The deployment a run was measured on."""
    model = chosen(catalogue.models, "model", measured.model, "model").spec
    chip = chosen(catalogue.chips, "chip", measured.chip, "chip").spec
    load = {
        "batch_size": measured.concurrency,
        "input_seq_length": _mean_length(measured, measured.input_tokens),
        "output_seq_length": _mean_length(measured, measured.output_tokens),
        "receive_interval": measured.receive_interval,
        "prefix_cache_hit_rate": measured.prefix_cache_hit_rate,
        "speculative": _unsaid_drafts(measured),
        "engine": measured.framework if measured.framework in ENGINES else None,
        "engine_version": measured.framework_version,
        "kv_cache_dtype": measured.kv_cache_dtype or _unsaid_cache_format(measured),
    }
    fields = dict(catalogue.assumptions["workload"]) | load | _formats(measured.precision, model)
    workload = validated(WorkloadSpec, fields, "inference")
    subject = measured_subject(measured, model, chip, workload)
    name = measured_name(model, catalogue.models, catalogue.calibrations)
    calibration = catalogue.calibrations.calibration(
        subject.model_copy(update={"model": name}), benchmark=of_known_benchmark(measured)
    )
    return deployment(
        model=model,
        chip=chip,
        topology=_topology(measured, catalogue),
        workload=workload,
        calibration=calibration,
    )


def _unsaid_drafts(measured: Measurement) -> Mapping[str, float] | None:
    if measured.speculative is None:
        return None
    return UNSAID_DRAFTS if measured.attention_dp == 1 else UNSAID_DRAFTS_OF_RANKS


def of_known_benchmark(measured: Measurement) -> bool:
    """Whether the run's protocol is known; of others what they state is taken as a request's."""
    return (measured.source or "").lower() in LENGTH_SPREAD


def _mean_length(measured: Measurement, nominal: int) -> int:
    """Tokens of a prompt or output in the mean over a run; as stated for one's own runs."""
    spread = LENGTH_SPREAD.get((measured.source or "").lower(), 0.0)
    return max(round((1 - spread / 2) * nominal), 1)


def measured_subject(
    measured: Measurement, model: ModelSpec, chip: ChipSpec, workload: WorkloadSpec
) -> Subject:
    """What calibrations know a run by; its engine may be one that nobody calibrated."""
    unsaid_version = UNKNOWN_VERSION if of_known_benchmark(measured) else None
    return Subject(
        engine=measured.framework,
        family=chip.family,
        chip=chip.name,
        model=model.name,
        precision=precision_of(decided_formats(model, chip, workload)),
        version=measured.framework_version or unsaid_version,
    )


def measured_plan(measured: Measurement, model: ModelSpec) -> PlanTable:
    """The plan of a run; a dense model has no experts to spread."""
    experts = {"ep": measured.ep, "moe_tp": measured.moe_tp} if model.num_experts else {}
    degrees = {"dp": measured.attention_dp, "tp": measured.tp, "pp": measured.pp, "sp": 1}
    return PlanTable.of({"ep": 1, "moe_tp": 1} | degrees | experts)


def _topology(measured: Measurement, catalogue: Catalogue) -> TopologySpec:
    """The smallest catalogued cluster of the chip's kind that holds the run."""
    rack_scale = measured.chip in RACK_SCALE_CHIPS
    names = ("rack-72",) if rack_scale else ("server-8", "pod-64", "cluster-1024")
    for name in names:
        if catalogue.topologies[name].spec.chips >= measured.chips:
            return catalogue.topologies[name].spec
    raise InvalidInput.at("tp", f"{measured.chips} chips are more than any catalogued cluster has")


def _unsaid_cache_format(measured: Measurement) -> Dtype | None:
    """Cache format of the known benchmarks' runs, which don't state it; else a request's default.

    Read off attention's share of the step and off the concurrency at which requests begin to wait:
    TensorRT-LLM keeps fp8 beside narrow weights, vLLM beside fp8 weights and on Blackwell, SGLang
    on Blackwell.
    """
    if not of_known_benchmark(measured):
        return None
    narrow = measured.precision != "bf16"
    on_blackwell = measured.chip in BLACKWELL
    keeps_fp8 = {
        "trtllm": True,
        "vllm": on_blackwell or measured.precision == "fp8",
        "sglang": on_blackwell,
    }
    return Dtype.FP8 if narrow and keeps_fp8.get(measured.framework, False) else Dtype.BF16


def _formats(precision: str, model: ModelSpec) -> dict[str, Dtype]:
    """Workload fields for the precision a run is labelled with; none where it is the published."""
    if precision not in _LABELLED:
        raise InvalidInput.at("precision", f"'{precision}' is not one of {', '.join(_LABELLED)}")
    bulk = Module.ROUTED_EXPERTS if model.num_experts else Module.DENSE_MLP
    if precision_label(model.published_format(bulk).dtype) == precision:
        return {}
    return {"weight_dtype": _LABELLED[precision]}


_LABELLED = {
    "bf16": Dtype.BF16,
    "fp8": Dtype.FP8,
    "fp4": Dtype.NVFP4,
    "int4": Dtype.INT4,
}
