"""What a user asks: parsed from any written form, kept as a self-contained snapshot."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.inputs import (
    calibration_of,
    case_of,
    chip_of,
    economics_of,
    model_of,
    names_no_concurrency,
    topology_of,
    with_own_budget,
    workload_of,
)
from llm_simulator.planner.requests.manual_pools import manual_pools_of, served_by_pools
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment, deployment
from llm_simulator.planner.specs.drafting import draft_warnings
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.formats import KEPT_IN_BF16
from llm_simulator.planner.specs.measured_points import MEASURED
from llm_simulator.planner.specs.media import media_warnings
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.pools import ManualPools
from llm_simulator.planner.specs.price_kinds import price_warnings
from llm_simulator.planner.specs.search import (
    ManualParallelism,
    Risk,
    SearchConstraints,
    ServingMode,
    largest_concurrency,
)
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.warning import EvaluationWarning, WarningCode
from llm_simulator.planner.specs.workload import WorkloadSpec

SearchMode = Literal["auto", "manual"]

OF_WEIGHTS = ("weights_assumed_bf16", "format_from_name", "other")
"""Notes of a model that a stated format of the weights settles."""

_FIELDS = {
    "topology",
    "model",
    "hardware",
    "decode_hardware",
    "inference",
    "calibration",
    "decode_calibration",
    "economics",
    "search_mode",
    "manual_parallelism",
    "manual_pools",
    "search_constraints",
}


@dataclass(frozen=True)
class EvaluationRequest:
    """A deployment and what to try on it."""

    deployment: Deployment
    search_mode: SearchMode
    manual_parallelism: ManualParallelism | None
    search_constraints: SearchConstraints
    decoding: Deployment | None = None
    """What decode pools run on, where that is another chip."""
    manual_pools: ManualPools | None = None
    """A disaggregated deployment to evaluate in manual mode."""

    @classmethod
    def parse(cls, body: Mapping[str, Any], catalogue: Catalogue) -> "EvaluationRequest":
        """The request in ``body``; raises InvalidInput naming every part that can't be read."""
        parts = _Parts()
        unknown = [FieldProblem(name, "is not a known field") for name in set(body) - _FIELDS]
        parts.problems.extend(sorted(unknown, key=lambda problem: problem.field))
        topology = parts.read(lambda: topology_of(body.get("topology"), catalogue))
        model = parts.read(lambda: model_of(body.get("model"), catalogue))
        constraints = parts.read(lambda: _constraints(body))
        largest = None if constraints is None else largest_concurrency(constraints)
        workload = parts.read(lambda: workload_of(body.get("inference"), catalogue, largest))
        hardware = body.get("hardware")
        # Only a chip that is left out is looked for in the topology.
        needs = topology if hardware is None else hardware
        chip = parts.read(lambda: chip_of(hardware, topology, catalogue), needs)
        economics = parts.read(lambda: economics_of(body.get("economics"), chip, catalogue), chip)
        mode = parts.read(lambda: _mode(body.get("search_mode", "auto")))
        pools = parts.read(lambda: manual_pools_of(mode, body), mode)
        manual = parts.read(lambda: _manual(mode, body, pools), mode)
        decode_hardware = body.get("decode_hardware")
        decode_chip = parts.read(
            lambda: chip_of(decode_hardware, topology, catalogue, "decode_hardware"),
            decode_hardware,
        )
        parts.check()
        workload = with_own_budget(workload, body.get("inference"), chip)
        calibration = calibration_of(
            body.get("calibration"), catalogue, case_of(model, chip, workload), model
        )
        together = deployment(
            model=model,
            chip=chip,
            topology=topology,
            workload=workload,
            calibration=calibration,
            economics=economics,
        )
        assert constraints is not None
        _check_percentile(constraints, workload)
        decoding = decode_chip and _decoding(
            together, decode_chip, constraints, body.get("decode_calibration"), catalogue
        )
        return cls(together, mode, manual, constraints, decoding, pools)

    def snapshot(self) -> dict[str, Any]:
        """The request as JSON-able data with every preset resolved; parsing it gives it back."""
        manual, pools = self.manual_parallelism, self.manual_pools
        parts, decoding = self.deployment, self.decoding
        return {
            "topology": parts.topology.model_dump(mode="json"),
            "model": parts.model.model_dump(mode="json"),
            "hardware": parts.chip.model_dump(mode="json"),
            "inference": parts.workload.model_dump(mode="json"),
            "calibration": parts.calibration.model_dump(mode="json"),
            "decode_hardware": decoding and decoding.chip.model_dump(mode="json"),
            "decode_calibration": decoding and decoding.calibration.model_dump(mode="json"),
            "economics": parts.economics and parts.economics.model_dump(mode="json"),
            "search_mode": self.search_mode,
            "manual_parallelism": manual and manual.model_dump(mode="json"),
            "manual_pools": pools and pools.model_dump(mode="json"),
            "search_constraints": self.search_constraints.model_dump(mode="json"),
        }

    @cached_property
    def digest(self) -> str:
        """What two requests have in common if and only if they ask the same."""
        return sha256(json.dumps(self.snapshot(), sort_keys=True).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def without_traffic(self) -> "EvaluationRequest":
        """The same, with no single requests simulated."""
        workload = self.deployment.workload.model_copy(update={"traffic": None})
        decoding = self.decoding and replace(self.decoding, workload=workload)
        return replace(
            self, deployment=replace(self.deployment, workload=workload), decoding=decoding
        )

    def warnings(self) -> list[EvaluationWarning]:
        """What a user should know about the inputs although they can be evaluated."""
        found = []
        parts = self.deployment
        labels = [n for n in parts.topology.chip_names if n.lower() != parts.chip.name.lower()]
        if labels:
            found.append(
                EvaluationWarning.of(
                    "chip_label",
                    "The topology calls its chips {labels}; the figures are those of {chip}.",
                    labels=", ".join(labels),
                    chip=parts.chip.name,
                )
            )
        length = parts.workload.input_seq_length + parts.workload.output_seq_length
        longest = parts.model.max_position_embeddings
        if longest is not None and length > longest:
            found.append(
                EvaluationWarning.of(
                    "context_length",
                    "Requests of {tokens} tokens are longer than the {positions} positions {model} "
                    "was published with.",
                    tokens=length,
                    positions=longest,
                    model=parts.model.name,
                )
            )
        serving = self.search_constraints.serving
        if parts.workload.traffic is not None and serving is not ServingMode.AGGREGATED:
            found.append(
                EvaluationWarning.of(
                    "simulated_aggregated_only",
                    "Single requests are simulated for aggregated plans only.",
                )
            )
        if self.decoding is not None:
            found.extend(price_warnings(parts.economics, (parts.chip, self.decoding.chip)))
        found.extend(media_warnings(parts.model, parts.workload))
        found.extend(draft_warnings(parts.model, parts.workload, parts.formats))
        return [*found, *_assumed_formats(parts), *_outside(parts)]


def _assumed_formats(parts: Deployment) -> list[EvaluationWarning]:
    """A warning for each number format that nobody named outright."""
    load, model = parts.workload, parts.model
    stated = load.weight_dtype is not None
    found = [note for note in model.notes if not (stated and note.code in OF_WEIGHTS)]
    wanted = load.weight_dtype
    kept = KEPT_IN_BF16.get(wanted, frozenset()) if wanted and model.num_experts else frozenset()
    if Module.ATTENTION in kept and parts.formats.of(Module.ATTENTION).weight is Dtype.BF16:
        found.append(
            EvaluationWarning.of(
                "attention_in_bf16",
                "Attention stays in bf16 beside {weights} weights, as in published checkpoints; "
                "inference.attention_weight_dtype changes that.",
                weights=str(wanted),
            )
        )
    if load.kv_cache_dtype is None and model.kv_cache_dtype is not None:
        found.append(
            EvaluationWarning.of(
                "cache_format_of_checkpoint",
                "The cache is in {cache}, which the checkpoint has scales for; "
                "inference.kv_cache_dtype changes that.",
                cache=str(model.kv_cache_dtype),
            )
        )
    return found


def _outside(parts: Deployment) -> list[EvaluationWarning]:
    """A warning where a calibrated prediction lies outside the loads that were measured."""
    load = parts.workload
    if parts.calibration.provenance == "first_principles":
        return []
    lengths: list[tuple[WarningCode, str, int, tuple[int, int]]] = [
        ("prompts_outside_measured", "Prompts", load.input_seq_length, MEASURED["input_tokens"]),
        ("outputs_outside_measured", "Outputs", load.output_seq_length, MEASURED["output_tokens"]),
    ]
    return [
        EvaluationWarning.of(
            code,
            name + " of {tokens} tokens lie outside of what the calibration was measured on "
            "({least} to {most}): there its correction fades and intervals widen.",
            tokens=tokens,
            least=least,
            most=most,
        )
        for code, name, tokens, (least, most) in lengths
        if not least <= tokens <= most
    ]


class _Parts:
    """Collects the problems of all parts, so that a user sees them at once."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def read(self, part: Any, needs: object = ...) -> Any:
        """What ``part()`` gives, or None with its problems noted; skipped when ``needs`` failed."""
        if needs is None:
            return None
        try:
            return part()
        except InvalidInput as error:
            self.problems.extend(error.problems)
            return None

    def check(self) -> None:
        """Raises InvalidInput with every problem found so far."""
        if self.problems:
            raise InvalidInput(self.problems)


def _mode(mode: object) -> SearchMode:
    if mode == "auto":
        return "auto"
    if mode == "manual":
        return "manual"
    raise InvalidInput.at("search_mode", f"must be 'auto' or 'manual', not {mode!r}")


def _manual(
    mode: SearchMode, body: Mapping[str, Any], pools: ManualPools | None
) -> ManualParallelism | None:
    data = body.get("manual_parallelism")
    if data is None and mode == "manual" and pools is None and body.get("manual_pools") is None:
        raise InvalidInput.at(
            "manual_parallelism",
            "is needed in manual mode: dp, tp, pp, ep, …, or give manual_pools",
        )
    return None if data is None else validated(ManualParallelism, data, "manual_parallelism")


def _constraints(body: Mapping[str, Any]) -> SearchConstraints:
    """The constraints; a load that names no concurrency is tried at a ladder of them."""
    data = body.get("search_constraints")
    found = validated(SearchConstraints, {} if data is None else data, "search_constraints")
    if body.get("manual_pools") is not None:
        found = served_by_pools(found, data)
    if found.batch_sizes is None and names_no_concurrency(body.get("inference")):
        return found.model_copy(update={"batch_sizes": "ladder"})
    return found


def _check_percentile(constraints: SearchConstraints, workload: WorkloadSpec) -> None:
    """Raises InvalidInput where a percentile is asked for that no simulation gives."""
    field = "search_constraints.limit_percentile"
    if constraints.limit_percentile is None:
        return
    if constraints.risk is Risk.CAUTIOUS:
        raise InvalidInput.at(field, "judges single requests; leave it out, or risk at mean")
    if workload.traffic is None:
        raise InvalidInput.at(field, "needs inference.traffic: single requests are simulated")
    if constraints.serving is not ServingMode.AGGREGATED:
        raise InvalidInput.at(field, "needs serving aggregated: pools are not simulated")


def _decoding(
    prefilling: Deployment,
    chip: ChipSpec,
    constraints: SearchConstraints,
    calibration: object,
    catalogue: Catalogue,
) -> Deployment:
    """The deployment of decode pools made of another chip, which computes in formats of its own."""
    if constraints.serving is ServingMode.AGGREGATED:
        raise InvalidInput.at(
            "decode_hardware",
            "is for pools: set search_constraints.serving to disaggregated or both",
        )
    model, workload = prefilling.model, prefilling.workload
    case = case_of(model, chip, workload)
    return deployment(
        model=model,
        chip=chip,
        topology=prefilling.topology,
        workload=workload,
        calibration=calibration_of(calibration, catalogue, case, model),
        economics=prefilling.economics,
    )
