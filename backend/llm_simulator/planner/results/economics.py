"""What one shown plan costs and draws, with everything that was assumed for it."""

from collections.abc import Iterator

import numpy as np

from llm_simulator.planner.costs.break_even import HOURS_PER_DAY, break_even
from llm_simulator.planner.costs.power import joules_per_token, missing_power
from llm_simulator.planner.costs.prices import missing_price, rent, usd_per_million_tokens
from llm_simulator.planner.results.plan import Assumption, BreakEven, Economics
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.steady_state import SteadyState
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.economics import EconomicsSpec, figure_of
from llm_simulator.units import Count

_POWER = ("idle_power_share", "compute_power_share", "memory_power")
_SITE = ("pue", "host_power")
_OWNED = ("years", "electricity_usd_per_kwh")


def plan_economics(served: SteadyState | MatchedPools, row: int) -> Economics:
    """The figures of the plan in one ``row`` of what is served.

    A figure that can't be known is None, and ``missing`` says what to give.
    """
    deployments = [served.deployment]
    if isinstance(served, MatchedPools) and served.decoding.chip != served.deployment.chip:
        deployments.append(served.decoding)
    throughput = float(served.throughput[row])
    hourly, watts = (float(np.asarray(f)[row]) for f in (served.usd_per_hour, served.watts))
    reasons = [why(d) for d in deployments for why in (missing_price, missing_power)]
    every_token = throughput * tokens_per_output_token(served.deployment)
    return Economics(
        usd_per_hour=_known(hourly),
        usd_per_million_output_tokens=_known(usd_per_million_tokens(hourly, throughput)),
        usd_per_million_tokens=_known(usd_per_million_tokens(hourly, every_token)),
        watts=_known(watts),
        chip_watts=_known(float(np.asarray(served.chip_watts)[row])),
        joules_per_token=_known(joules_per_token(watts, throughput)),
        missing=list(dict.fromkeys(reason for reason in reasons if reason is not None)),
        assumptions=[
            assumption
            for deployment in deployments
            if deployment.economics is not None
            for assumption in assumptions(deployment.economics, deployment.chip)
        ],
        break_even=_break_even(served.deployment, hourly, float(served.request_rate[row])),
    )


def _break_even(deployment: Deployment, hourly: float, request_rate: float) -> BreakEven | None:
    """The plan beside a service; None without the service's prices or the plan's cost."""
    economics, load = deployment.economics, deployment.workload
    if economics is None or np.isnan(hourly):
        return None
    per_input = economics.api_usd_per_million_input_tokens
    per_output = economics.api_usd_per_million_output_tokens
    if per_input is None or per_output is None:
        return None
    found = break_even(
        usd_per_hour=hourly,
        request_rate=request_rate,
        input_tokens=float(load.input_seq_length),
        output_tokens=float(load.output_seq_length),
        usd_per_million_input=per_input,
        usd_per_million_output=per_output,
    )
    requests, share = float(found.requests_per_day), float(found.share_of_capacity)
    return BreakEven(
        api_usd_per_request=float(found.api_usd_per_request),
        own_usd_per_day=float(found.own_usd_per_day),
        requests_per_day=requests,
        input_tokens_per_day=requests * load.input_seq_length,
        output_tokens_per_day=requests * load.output_seq_length,
        share_of_capacity=share,
        hours_at_full_load=share * HOURS_PER_DAY,
    )


def tokens_per_output_token(deployment: Deployment) -> float:
    """Tokens in and out, cached ones included, over tokens out."""
    workload = deployment.workload
    return 1 + workload.input_seq_length / workload.output_seq_length


def assumptions(economics: EconomicsSpec, chip: ChipSpec) -> Iterator[Assumption]:
    """Every figure that cost and energy of this chip rest on, by the field that changes it."""
    rented, bought = rent(economics, chip), figure_of(economics.chip_price_usd, chip)
    if figure_of(economics.chip_usd_per_hour, chip) is not None:
        yield _assumption(economics, "chip_usd_per_hour", rented)
    elif bought is not None:
        server = "server_overhead" if economics.server_overhead_usd is None else None
        yield _assumption(economics, "chip_price_usd", bought)
        for name in (server or "server_overhead_usd", *_OWNED):
            yield _assumption(economics, name)
    elif not np.isnan(rented):
        source = chip.price_source or "given with the chip"
        yield Assumption(field="hardware.price_usd_per_hour", value=rented, source=source)
    yield _assumption(economics, "hourly_overhead")
    if economics.api_usd_per_million_input_tokens is not None:
        yield _assumption(economics, "api_usd_per_million_input_tokens")
        yield _assumption(economics, "api_usd_per_million_output_tokens")
    if chip.tdp is not None:
        yield Assumption(field="hardware.tdp", value=chip.tdp, source="the chip's data sheet")
        for name in (*_POWER, *_SITE):
            yield _assumption(economics, name)


def _assumption(economics: EconomicsSpec, name: str, value: float | None = None) -> Assumption:
    return Assumption(
        field=f"economics.{name}",
        value=float(getattr(economics, name) if value is None else value),
        source=economics.sources.get(name, "given in the request"),
    )


def _known(value: Count) -> float | None:
    """A figure for JSON, which has no NaN."""
    return None if np.isnan(value) else float(value)
