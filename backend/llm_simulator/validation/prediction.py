"""What the model predicts for a measured run."""

from dataclasses import dataclass

from llm_simulator.catalogue import Catalogue
from llm_simulator.catalogue.catalogue import chosen
from llm_simulator.errors import InvalidInput
from llm_simulator.plans.legality import rules
from llm_simulator.plans.table import PlanTable
from llm_simulator.serving.benchmark import benchmark_latency
from llm_simulator.specs.deployment import Deployment, deployment
from llm_simulator.specs.dtypes import Dtype
from llm_simulator.specs.model import ModelSpec
from llm_simulator.specs.topology import TopologySpec
from llm_simulator.specs.validation import validated
from llm_simulator.specs.workload import WorkloadSpec
from llm_simulator.units import MILLI
from llm_simulator.validation.measurement import Measurement

MEAN_LENGTH_SHARE = 0.9
"""Mean over nominal length: benchmarks draw lengths evenly from 0.8 to 1.0 of nominal."""

REQUESTS_PER_SLOT = 10
"""Requests each slot of a benchmark serves, the first of them in the opening burst."""

RACK_SCALE_CHIPS = ("gb200", "gb300")


@dataclass(frozen=True)
class Prediction:
    """Mean latencies of a run in milliseconds."""

    ttft_ms: float
    tpot_ms: float


def prediction(measured: Measurement, catalogue: Catalogue) -> Prediction:
    """The prediction for a run; raises InvalidInput when its configuration can't be evaluated."""
    deployed = measured_deployment(measured, catalogue)
    plans = measured_plan(measured, deployed.model)
    for rule in rules(plans, deployed.model, measured.chips):
        if not rule.holds[0]:
            raise InvalidInput.at(rule.degree, rule.reason)
    latency = benchmark_latency(deployed, plans, REQUESTS_PER_SLOT)
    return Prediction(float(latency.ttft[0]) / MILLI, float(latency.tpot[0]) / MILLI)


def measured_deployment(measured: Measurement, catalogue: Catalogue) -> Deployment:
    """The deployment a run was measured on."""
    model = chosen(catalogue.models, "model", measured.model, "model").spec
    chip = chosen(catalogue.chips, "chip", measured.chip, "chip").spec
    load = {
        "batch_size": measured.concurrency,
        "input_seq_length": max(round(MEAN_LENGTH_SHARE * measured.input_tokens), 1),
        "output_seq_length": max(round(MEAN_LENGTH_SHARE * measured.output_tokens), 1),
    }
    fields = dict(catalogue.assumptions["workload"]) | load | _formats(measured.precision, model)
    workload = validated(WorkloadSpec, fields, "inference")
    topology = _topology(measured, catalogue)
    return deployment(model=model, chip=chip, topology=topology, workload=workload)


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


def _formats(precision: str, model: ModelSpec) -> dict[str, Dtype]:
    """Workload fields for the precision a run is labelled with."""
    if precision == "fp4" and model.expert_weight_dtype == Dtype.MXFP4:
        return {}
    formats = {
        "bf16": {"weight_dtype": Dtype.BF16},
        "fp8": {"weight_dtype": Dtype.FP8},
        "fp4": {"weight_dtype": Dtype.NVFP4},
        "int4": {"weight_dtype": Dtype.BF16, "expert_weight_dtype": Dtype.INT4},
    }
    if precision not in formats:
        raise InvalidInput.at("precision", f"'{precision}' is not one of {', '.join(formats)}")
    return formats[precision]
