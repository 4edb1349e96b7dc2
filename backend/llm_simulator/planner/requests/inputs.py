"""Each part of a request in any of its written forms, resolved to a spec.

A part is a preset's name, an object with a ``base`` preset and overrides, or written out; what has
been read is taken as it is.
"""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import FieldProblem, InvalidInput, unknown_name
from llm_simulator.planner.requests.calibrations import (
    Subject,
    precision_of,
    read_calibration,
)
from llm_simulator.planner.requests.catalogue import (
    Catalogue,
    checkpoint,
    chosen,
    find,
    measured_name,
)
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.chip import ChipSpec, in_base_units
from llm_simulator.planner.specs.economics import EVERY, EconomicsSpec, with_sources
from llm_simulator.planner.specs.engine_version import leading_numbers
from llm_simulator.planner.specs.formats import decided_formats
from llm_simulator.planner.specs.hugging_face import is_hugging_face_config, model_from_config
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.topology import TopologySpec, topology_from_tree
from llm_simulator.planner.specs.validation import renamed, validated
from llm_simulator.planner.specs.workload import UNIT_NAMES, WorkloadSpec


def model_of(data: object, catalogue: Catalogue, field: str = "model") -> ModelSpec:
    """The neural network of a request's ``field``."""
    if isinstance(data, ModelSpec):
        return data
    if isinstance(data, str):
        named = find(catalogue.models, data)
        stored = checkpoint(catalogue, data) if named is None else named.spec
        return stored or chosen(catalogue.models, "model", data, field).spec
    fields = _object(data, field)
    if set(fields) == {"name"}:
        return model_of(str(fields["name"]), catalogue, field)
    if is_hugging_face_config(fields):
        return model_from_config(fields, field)
    if "base" in fields:
        base = chosen(catalogue.models, "model", str(fields["base"]), f"{field}.base").spec
        fields = base.model_dump() | _without(fields, "base")
    return validated(ModelSpec, fields, field)


def topology_of(data: object, catalogue: Catalogue) -> TopologySpec:
    """The cluster of a request's ``topology``."""
    if isinstance(data, TopologySpec):
        return data
    if isinstance(data, str):
        return chosen(catalogue.topologies, "topology", data, "topology").spec
    fields = _object(data, "topology")
    if set(fields) == {"name"}:
        return topology_of(str(fields["name"]), catalogue)
    if "base" in fields:
        base = chosen(catalogue.topologies, "topology", str(fields["base"]), "topology.base").spec
        return validated(TopologySpec, base.model_dump() | _without(fields, "base"), "topology")
    if isinstance(fields.get("pods"), int):
        return validated(TopologySpec, fields, "topology")
    return topology_from_tree(fields)


def chip_of(
    data: object, topology: TopologySpec, catalogue: Catalogue, field: str = "hardware"
) -> ChipSpec:
    """The chip of a request's ``field``; left out, the one that the topology names."""
    if isinstance(data, ChipSpec):
        return data
    if data is None:
        return _chip_of_topology(topology, catalogue)
    if isinstance(data, str):
        return chosen(catalogue.chips, "chip", data, field).spec
    fields = _object(data, field)
    if set(fields) == {"name"}:
        return chosen(catalogue.chips, "chip", str(fields["name"]), f"{field}.name").spec
    defaults: Mapping[str, Any] = catalogue.assumptions["chip"]
    if "base" in fields:
        base = chosen(catalogue.chips, "chip", str(fields["base"]), f"{field}.base").spec
        defaults = base.model_dump()
    try:
        written = in_base_units(_without(fields, "base"))
    except ValueError as error:
        raise InvalidInput.at(field, str(error)) from error
    if "price_usd_per_hour" in written:
        # The base's source speaks of the base's price.
        defaults = _without(_without(defaults, "price_source"), "price_kind")
    return validated(ChipSpec, {**defaults, **written}, field)


def _chip_of_topology(topology: TopologySpec, catalogue: Catalogue) -> ChipSpec:
    names = topology.chip_names
    if len(names) > 1:
        raise InvalidInput.at(
            "hardware",
            f"the topology mixes {', '.join(names)}; name the one chip to evaluate here",
        )
    if not names or find(catalogue.chips, names[0]) is None:
        raise InvalidInput.at(
            "hardware",
            f"is needed: a chip of the catalogue ({', '.join(catalogue.chips)}) or one written out",
        )
    return chosen(catalogue.chips, "chip", names[0], "topology").spec


def workload_of(data: object, catalogue: Catalogue, concurrency: int | None = None) -> WorkloadSpec:
    """The load of a request's ``inference``; ``concurrency`` where it does not name one."""
    if isinstance(data, str):
        return chosen(catalogue.workloads, "workload", data, "inference").spec
    fields = _object(data, "inference")
    try:
        written = renamed(fields, UNIT_NAMES)
    except ValueError as error:
        raise InvalidInput.at("inference", str(error)) from error
    if names_no_concurrency(data) and concurrency is not None:
        written["batch_size"] = concurrency
    if isinstance(written.get("speculative"), Mapping):
        written["speculative"] = _speculative_of(written["speculative"], catalogue)
    return validated(WorkloadSpec, {**catalogue.assumptions["workload"], **written}, "inference")


LARGE_MEMORY = 160 * 2.0**30
"""Bytes from which on vLLM takes more prompt tokens into a step."""
BUDGET_OF_LARGE_MEMORY = 16_384


def with_own_budget(workload: WorkloadSpec, data: object, chip: ChipSpec) -> WorkloadSpec:
    """The load with the engine's own ``max_batched_tokens`` on the chip where single requests are
    simulated and ``data``, the request's ``inference``, does not give it.

    vLLM takes 16,384 tokens into a step on GPUs of 160 GiB and more since 0.28
    (engine/arg_utils.py, get_batch_defaults; vllm-project/vllm#54703), and 8,192 before.
    """
    version = leading_numbers(workload.engine_version)
    is_new = workload.engine == "vllm" and (version is None or version >= (0, 28))
    is_open = isinstance(data, Mapping) and data.get("max_batched_tokens") is None
    if workload.traffic is None or not (is_new and is_open):
        return workload
    if chip.memory_capacity < LARGE_MEMORY:
        return workload
    return workload.model_copy(update={"max_batched_tokens": BUDGET_OF_LARGE_MEMORY})


def _speculative_of(data: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """The fields of speculative decoding with its draft model resolved as ``model`` would be."""
    draft = data.get("draft_model")
    if draft is None:
        return dict(data)
    return {**data, "draft_model": model_of(draft, catalogue, "inference.speculative.draft_model")}


def names_no_concurrency(data: object) -> bool:
    """Whether a request's ``inference`` leaves open how many requests are in flight."""
    return isinstance(data, Mapping) and data.get("batch_size") is None


def case_of(model: ModelSpec, chip: ChipSpec, workload: WorkloadSpec) -> Subject:
    """What calibrations know the deployment by."""
    return Subject(
        engine=workload.engine,
        family=chip.family,
        chip=chip.name,
        model=model.name,
        precision=precision_of(decided_formats(model, chip, workload)),
        version=workload.engine_version,
    )


def calibration_of(
    data: object, catalogue: Catalogue, case: Subject, model: ModelSpec
) -> Calibration:
    """What is in force for the case: the catalogue's, with levels of a request on top, or resolved.

    Left out, the catalogue's; ``levels`` are a file of ``tier6 calibrate``; anything else is a
    calibration as a snapshot keeps it. A model is known by its network, whatever its name.
    """
    calibrations = catalogue.calibrations
    if data is not None:
        fields = _object(data, "calibration")
        if "levels" not in fields:
            found = validated(Calibration, fields, "calibration")
            return found if "correlation" in fields else _correlated(found, catalogue)
        calibrations = calibrations.with_file(read_calibration(fields, "calibration"))
    name = measured_name(model, catalogue.models, calibrations)
    found = calibrations.calibration(case.model_copy(update={"model": name}))
    return _correlated(found, catalogue)


def _correlated(calibration: Calibration, catalogue: Catalogue) -> Calibration:
    """The calibration with what is known of how its errors go together."""
    known = catalogue.correlations[calibration.provenance]
    return calibration.model_copy(update={"correlation": known})


_PER_KIND = ("chip_usd_per_hour", "chip_price_usd")


def economics_of(data: object, chip: ChipSpec, catalogue: Catalogue) -> EconomicsSpec:
    """The prices of a request's ``economics`` over the catalogue's assumptions.

    ``source`` is where the given figures come from; prices may be given by kind of chip.
    """
    if data is None:
        return catalogue.economics
    if isinstance(data, EconomicsSpec):
        return data
    fields = _object(data, "economics")
    source = str(fields.pop("source", "given in the request"))
    stated = fields.pop("sources", {})
    # Null is as good as left out.
    given = {name: value for name, value in fields.items() if value is not None}
    for name in _PER_KIND:
        if isinstance(given.get(name), Mapping):
            given[name] = _by_chip(given[name], f"economics.{name}", chip, catalogue)
    whole = with_sources(catalogue.economics, given, source)
    if not isinstance(stated, Mapping):
        raise InvalidInput.at(
            "economics.sources", "an object with a text for each figure is needed"
        )
    return validated(
        EconomicsSpec, whole | {"sources": whole["sources"] | dict(stated)}, "economics"
    )


def _by_chip(
    prices: Mapping[str, Any], field: str, chip: ChipSpec, catalogue: Catalogue
) -> dict[str, Any]:
    """Prices by the chips' own names; raises InvalidInput for a chip that nobody knows."""
    named = {}
    problems = []
    for name, price in prices.items():
        own = str(name) in (chip.name, EVERY)
        entry = None if own else find(catalogue.chips, str(name))
        if not own and entry is None:
            known = sorted({*catalogue.chips, chip.name})
            message = unknown_name("chip", str(name), known)
            problems.append(FieldProblem(f"{field}.{name}", message))
        named[str(name) if entry is None else entry.name] = price
    if problems:
        raise InvalidInput(problems)
    return named


def _object(data: object, field: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        kind = "nothing" if data is None else type(data).__name__
        raise InvalidInput.at(field, f"a preset's name or an object is needed, not {kind}")
    return {str(key): value for key, value in data.items()}


def _without(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}
