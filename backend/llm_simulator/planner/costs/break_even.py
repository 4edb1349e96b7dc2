"""Own chips beside a service that is paid per token: from which use on they are cheaper."""

from dataclasses import dataclass

from llm_simulator.units import MEGA, Count, Usd

HOURS_PER_DAY = 24.0
SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True)
class BreakEven:
    """A plan that runs all day beside a service; figures or columns."""

    api_usd_per_request: Usd
    own_usd_per_day: Usd
    requests_per_day: Count
    """From here on the plan's own chips are cheaper."""
    share_of_capacity: Count
    """Of what the plan serves in a day; above 1 the service is cheaper whatever the use."""


def break_even(
    *,
    usd_per_hour: Usd,
    request_rate: Count,
    input_tokens: Count,
    output_tokens: Count,
    usd_per_million_input: Usd,
    usd_per_million_output: Usd,
) -> BreakEven:
    r"""At how many requests a day own chips and the service cost the same.

    .. math:: n = \frac{24\,c}{t_{in}\,p_{in} + t_{out}\,p_{out}}

    8 chips at 2 USD an hour cost 384 USD a day; a request of a million tokens each way at 1 USD
    and 3 USD costs 4, so 96 of them a day do; at 1 every 450 s that is half of what can be served.

    >>> found = break_even(usd_per_hour=16.0, request_rate=1 / 450, input_tokens=1e6,
    ...     output_tokens=1e6, usd_per_million_input=1.0, usd_per_million_output=3.0)
    >>> found.requests_per_day, round(found.share_of_capacity, 12)
    (96.0, 0.5)
    """
    paid = (input_tokens * usd_per_million_input + output_tokens * usd_per_million_output) / MEGA
    own = usd_per_hour * HOURS_PER_DAY
    requests = own / paid
    return BreakEven(paid, own, requests, requests / (request_rate * SECONDS_PER_DAY))
