"""The figures of the hardware that serving takes time by, each of which can be changed alone.

What a changed figure is calibrated with stays: the calibration belongs to the deployment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.link import Link
from llm_simulator.planner.specs.topology import TIERS

PEAK = "hardware.peak_flops"

_HOST = ("request_overhead", "first_token_overhead", "prompt_token_overhead")
"""Seconds of a calibration; its other factors are shares."""


@dataclass(frozen=True)
class HardwareFigure:
    """One figure: the request's field it stands in, and a deployment with that one scaled."""

    field: str
    words: str
    value: float
    unit: str
    scaled: Callable[[float], Deployment]


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
    chip = deployment.chip
    for unit in units_in_use(deployment):

        def scaled(factor: float, unit: str = unit) -> Deployment:
            peaks = chip.peak_flops | {unit: chip.peak_flops[unit] * factor}
            return replace(deployment, chip=chip.model_copy(update={"peak_flops": peaks}))

        peak = chip.peak_flops[unit]
        yield HardwareFigure(f"{PEAK}.{unit}", f"peak {unit} FLOP/s", peak, "FLOP/s", scaled)


def _of_chip(deployment: Deployment, name: str, words: str, unit: str) -> HardwareFigure:
    chip = deployment.chip
    value: float = getattr(chip, name)

    def scaled(factor: float) -> Deployment:
        return replace(deployment, chip=chip.model_copy(update={name: value * factor}))

    return HardwareFigure(f"hardware.{name}", words, value, unit, scaled)


def _links(deployment: Deployment, chips: int) -> Iterator[HardwareFigure]:
    """Both figures of each tier that has more than one member within the first ``chips``."""
    topology = deployment.topology
    for tier, inner in zip(TIERS, (1, *topology.capacities), strict=False):
        if tier in topology.links and chips > inner:
            yield _of_link(deployment, tier, "bandwidth", "bytes/s")
            yield _of_link(deployment, tier, "latency", "s")


def _of_link(deployment: Deployment, tier: str, name: str, unit: str) -> HardwareFigure:
    topology = deployment.topology
    link: Link = topology.links[tier]
    value: float = getattr(link, name)

    def scaled(factor: float) -> Deployment:
        links = topology.links | {tier: link.model_copy(update={name: value * factor})}
        return replace(deployment, topology=topology.model_copy(update={"links": links}))

    return HardwareFigure(f"topology.links.{tier}.{name}", f"{tier} {name}", value, unit, scaled)


def _of_workload(deployment: Deployment, name: str, words: str) -> HardwareFigure:
    workload = deployment.workload
    value: float = getattr(workload, name)

    def scaled(factor: float) -> Deployment:
        return replace(deployment, workload=workload.model_copy(update={name: value * factor}))

    return HardwareFigure(f"inference.{name}", words, value, "s", scaled)


def _host(deployment: Deployment) -> HardwareFigure:
    """What the engine's host does per request and token, as calibrated."""
    calibration = deployment.calibration
    factors = calibration.factors

    def scaled(factor: float) -> Deployment:
        changed = factors.model_copy(
            update={name: getattr(factors, name) * factor for name in _HOST}
        )
        return replace(deployment, calibration=calibration.model_copy(update={"factors": changed}))

    value = factors.first_token_overhead
    return HardwareFigure("engine.host", "host's time per request", value, "s", scaled)
