"""The figures of the hardware that serving takes time by, each of which can be changed alone.

What a changed figure is calibrated with stays: the calibration belongs to the deployment.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.topology import TIERS, tiers_like_boards
from llm_simulator.units import Array, Count

PEAK = "hardware.peak_flops"
STEP = 1e-3
"""h: a tenth of a percent, small enough that bends (the faster of two collectives, a limit of a
pool) rarely lie within, large enough that twelve digits are left."""

_HOST = ("request_overhead", "first_token_overhead", "prompt_token_overhead")
"""Seconds of a calibration; its other factors are shares."""


@dataclass(frozen=True)
class HardwareFigure:
    """One figure: the request's field it stands in, and any deployment with that one scaled."""

    field: str
    words: str
    value: float
    unit: str
    scaled: Callable[[Deployment, Count], Deployment]
    """By a factor, or by a column of them."""


def moved_by(figures: int, step: float = STEP) -> Array:
    """Factors of so many figures: a row for each one raised, for each one lowered, and one as it
    is; shape [figures, 2 figures + 1]."""
    raised = 1 + step * np.eye(figures)
    return np.concatenate([raised, 2 - raised, np.ones((figures, 1))], axis=1)


def scaled_rows(
    deployment: Deployment, figures: Sequence[HardwareFigure], factors: Array
) -> Deployment:
    """The deployment with its figures as columns: row r has each scaled by ``factors[:, r]``."""
    for figure, factor in zip(figures, factors, strict=True):
        deployment = figure.scaled(deployment, factor)
    return replace(deployment, has_columns=True)


def hardware_figures(deployment: Deployment, chips: int) -> Iterator[HardwareFigure]:
    """Every figure that a plan on ``chips`` chips takes time by.

    Multiplied by s where they are rates and by 1/s where they are seconds, all of them together
    make everything s times as fast.
    """
    yield from _peaks(deployment)
    yield _of_chip(deployment, "memory_bandwidth", "memory bandwidth", "bytes/s")
    yield from _links(deployment, chips)
    yield _of_chip(deployment, "kernel_latency", "start of a kernel", "s")
    yield _of_workload(deployment, "step_overhead", "host's time per step")
    yield _host(deployment)


def pool_figures(deployment: Deployment, chips: int) -> Iterator[HardwareFigure]:
    """The same of a pair of pools."""
    yield from hardware_figures(deployment, chips)
    yield _of_workload(deployment, "pool_handover", "the hand-over between pools")


def units_in_use(deployment: Deployment) -> tuple[str, ...]:
    """Matrix units that some operator computes in; attention cores, routers and heads take bf16."""
    units = {"bf16"} | {stored.unit for stored in deployment.formats.modules.values()}
    return tuple(sorted(units))


def _peaks(deployment: Deployment) -> Iterator[HardwareFigure]:
    for unit in units_in_use(deployment):

        def scaled(given: Deployment, factor: Count, unit: str = unit) -> Deployment:
            peaks = given.chip.peak_flops
            changed = peaks | {unit: peaks[unit] * factor}
            return replace(given, chip=given.chip.model_copy(update={"peak_flops": changed}))

        peak = deployment.chip.peak_flops[unit]
        yield HardwareFigure(f"{PEAK}.{unit}", f"peak {unit} FLOP/s", peak, "FLOP/s", scaled)


def _of_chip(deployment: Deployment, name: str, words: str, unit: str) -> HardwareFigure:
    def scaled(given: Deployment, factor: Count) -> Deployment:
        changed = {name: getattr(given.chip, name) * factor}
        return replace(given, chip=given.chip.model_copy(update=changed))

    value = getattr(deployment.chip, name)
    return HardwareFigure(f"hardware.{name}", words, value, unit, scaled)


def _links(deployment: Deployment, chips: int) -> Iterator[HardwareFigure]:
    """Both figures of each tier that has more than one member within the first ``chips``.

    Tiers that are one network over the same ports have one bandwidth.
    """
    topology = deployment.topology
    together = tiers_like_boards(topology)
    seen: set[str] = set()
    for tier, inner in zip(TIERS, (1, *topology.capacities), strict=False):
        if tier in topology.links and chips > inner:
            if tier not in seen:
                tiers = together if tier in together else (tier,)
                seen.update(tiers)
                yield _of_link(deployment, tier, "bandwidth", "bytes/s", tiers)
            yield _of_link(deployment, tier, "latency", "s", (tier,))


def _of_link(
    deployment: Deployment, tier: str, name: str, unit: str, tiers: Sequence[str]
) -> HardwareFigure:
    """A figure of one tier, which all ``tiers`` have in common."""

    def scaled(given: Deployment, factor: Count) -> Deployment:
        links = dict(given.topology.links)
        for each in tiers:
            changed = {name: getattr(links[each], name) * factor}
            links[each] = links[each].model_copy(update=changed)
        return replace(given, topology=given.topology.model_copy(update={"links": links}))

    value = getattr(deployment.topology.links[tier], name)
    return HardwareFigure(f"topology.links.{tier}.{name}", f"{tier} {name}", value, unit, scaled)


def _of_workload(deployment: Deployment, name: str, words: str) -> HardwareFigure:
    def scaled(given: Deployment, factor: Count) -> Deployment:
        changed = {name: getattr(given.workload, name) * factor}
        return replace(given, workload=given.workload.model_copy(update=changed))

    value = getattr(deployment.workload, name)
    return HardwareFigure(f"inference.{name}", words, value, "s", scaled)


def _host(deployment: Deployment) -> HardwareFigure:
    """What the engine's host does per request and token, as calibrated."""

    def scaled(given: Deployment, factor: Count) -> Deployment:
        factors = given.calibration.factors
        changed = factors.model_copy(
            update={name: getattr(factors, name) * factor for name in _HOST}
        )
        calibration = given.calibration.model_copy(update={"factors": changed})
        return replace(given, calibration=calibration)

    value = deployment.calibration.factors.first_token_overhead
    return HardwareFigure("engine.host", "host's time per request", value, "s", scaled)
