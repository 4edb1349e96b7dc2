"""What a plan is called in a sentence."""

from llm_simulator.planner.results.plan import AnyPlan, Parallelism

_DEGREES = ("tp", "dcp", "pp", "dp", "sp", "ep", "moe_tp")


def plan_name(plan: AnyPlan, one_chip: str = "one chip") -> str:
    """The degrees above one: ``TP8 DP4 EP32``; of both pools ``2 x TP4 > 1 x TP8``.

    ``one_chip`` is what a plan is called that spreads nothing.
    """
    if plan.pools is None:
        return degrees_name(plan.parallelism, one_chip)
    pools = (plan.pools.prefill, plan.pools.decode)
    return " > ".join(f"{p.instances} x {degrees_name(p.parallelism, one_chip)}" for p in pools)


def degrees_name(degrees: Parallelism, one_chip: str = "one chip") -> str:
    """The degrees above one."""
    given = degrees.model_dump()
    parts = [f"{name.upper()}{given[name]}" for name in _DEGREES if given[name] > 1]
    return " ".join(parts) or one_chip
