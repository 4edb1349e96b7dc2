"""What a plan is called in a sentence."""

from llm_simulator.planner.results.plan import AnyPlan, Parallelism

_DEGREES = ("tp", "dcp", "pp", "dp", "sp", "ep", "moe_tp")


def plan_name(plan: AnyPlan) -> str:
    """The degrees above one: ``TP8 DP4 EP32``; of both pools ``2 x TP4 > 1 x TP8``."""
    if plan.pools is None:
        return degrees_name(plan.parallelism)
    pools = (plan.pools.prefill, plan.pools.decode)
    return " > ".join(f"{p.instances} x {degrees_name(p.parallelism)}" for p in pools)


def degrees_name(degrees: Parallelism) -> str:
    """The degrees above one."""
    given = degrees.model_dump()
    parts = [f"{name.upper()}{given[name]}" for name in _DEGREES if given[name] > 1]
    return " ".join(parts) or "one chip"
