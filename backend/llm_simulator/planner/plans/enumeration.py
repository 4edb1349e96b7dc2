"""All legal plans of a model on a number of chips, in one fixed order."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.plans.cache_copies import cache_copies
from llm_simulator.planner.plans.divisions import divisions, kept
from llm_simulator.planner.plans.engines import degrees_of, first_rule_broken, started_by_any
from llm_simulator.planner.plans.legality import legal
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import IntArray

MAX_PLANS = 6_000_000
"""Plans of one search at most: beyond, the table alone would take more than a gigabyte."""

Degrees = Sequence[int] | None
Columns = dict[str, IntArray]


def enumerate_plans(
    deployment: Deployment,
    max_chips: int,
    allowed: Mapping[str, Degrees] | None = None,
    *,
    unsupported: bool = False,
) -> PlanTable:
    """Every legal plan on at most ``max_chips`` chips that an engine starts; none is left out.

    Where no engine is named, any known one will do, or none with ``unsupported``.

    In order of tp, dcp, sp, attention dp, ep, moe_tp, pp, replicas: plans that share a shard follow
    each other, so that a slice of them has much in common.

    A ``dcp`` above 1 is tried where ``allowed`` names it or the named engine has it.
    ``allowed`` narrows a degree to a list. Columns are joined degree by degree, and what grew over
    ``max_chips`` is dropped at once, so memory follows the number of legal plans. Raises
    InvalidInput above MAX_PLANS.
    """
    allowed, model = allowed or {}, deployment.model
    tp = _values(allowed.get("tp"), max_chips)
    tp = tp[kept(divisions(deployment), "tp", tp)]
    columns: Columns = {"tp": tp, "used": tp}
    dcp = tried_dcp(deployment, max_chips, allowed.get("dcp"))
    if dcp.tolist() != [1]:
        columns = _shared_out(columns, deployment, dcp)
    columns = _joined(columns, "sp", _values(allowed.get("sp"), max_chips), max_chips)
    if not unsupported:
        columns = _started(columns, deployment)
    if model.num_experts:
        columns = _with_experts(columns, deployment, max_chips, allowed)
    else:
        columns |= {"attention_dp": np.ones_like(columns["tp"])}
        columns |= {"ep": columns["attention_dp"], "moe_tp": columns["attention_dp"]}
    columns = _joined(columns, "replicas", _values(None, max_chips), max_chips)
    stages = _values(allowed.get("pp"), min(max_chips, model.num_hidden_layers))
    columns = _joined(columns, "pp", stages, max_chips)
    plans = _table(columns)
    keep = legal(plans, deployment, max_chips) & _permitted(plans, allowed)
    if not unsupported:
        keep &= started_by_any(deployment, degrees_of(plans))
    return _sorted(plans[np.flatnonzero(keep)])


def tried_dcp(deployment: Deployment, largest: int, allowed: Degrees) -> IntArray:
    """Candidates for dcp: those allowed by name, all of the named engine that has it, else 1."""
    engine = deployment.workload.engine
    has_it = engine and first_rule_broken(engine, deployment, {"dcp": 2}) is None
    return _values(allowed if allowed is not None or has_it else (1,), largest)


def _shared_out(columns: Columns, deployment: Deployment, dcp: IntArray) -> Columns:
    """Each row with each of ``dcp`` that shares out its copies of the cache evenly."""
    copies = cache_copies(deployment.model, columns["tp"])
    rows, choice = np.nonzero(copies[:, None] % dcp == 0)
    return {key: column[rows] for key, column in columns.items()} | {"dcp": dcp[choice]}


def _values(allowed: Degrees, largest: int) -> IntArray:
    """Ascending candidates for one degree."""
    every = np.arange(1, largest + 1)
    return every if allowed is None else np.intersect1d(every, np.array(allowed, dtype=np.int64))


def _joined(columns: Columns, name: str, values: IntArray, max_chips: int) -> Columns:
    """Each row with each of ``values`` that keeps the chips in use within ``max_chips``."""
    per_row = np.searchsorted(values, max_chips // columns["used"], side="right")
    if per_row.sum() > MAX_PLANS:
        raise InvalidInput.at(
            "search_constraints.max_chips",
            f"{max_chips} chips give more than {MAX_PLANS:,} plans; lower it or name the degrees "
            "to try in search_constraints.allowed",
        )
    rows = np.repeat(np.arange(len(per_row)), per_row)
    starts = np.repeat(np.cumsum(per_row) - per_row, per_row)
    joined = {key: column[rows] for key, column in columns.items()}
    joined[name] = values[np.arange(len(rows)) - starts]
    joined["used"] = joined["used"] * joined[name]
    return joined


def _started(columns: Columns, deployment: Deployment) -> Columns:
    """The rows that some engine may start, as far as their degrees tell."""
    started = started_by_any(deployment, columns)
    return {name: column[started] for name, column in columns.items()}


def _with_experts(
    columns: Columns, deployment: Deployment, max_chips: int, allowed: Mapping[str, Degrees]
) -> Columns:
    """Rows joined with every way to spread the experts over ``tp * sp * attention_dp`` ranks."""
    columns = _joined(columns, "attention_dp", _values(None, max_chips), max_chips)
    ep = _values(allowed.get("ep"), max_chips)
    rules = divisions(deployment)
    ep = ep[kept(rules, "ep", ep)]
    moe_tp = np.concatenate(([False], kept(rules, "moe_tp", np.arange(1, max_chips + 1))))
    rows, choice = np.nonzero(_divides(ep, columns["used"], moe_tp))
    joined = {key: column[rows] for key, column in columns.items()}
    joined["ep"] = ep[choice]
    joined["moe_tp"] = joined["used"] // joined["ep"]
    return joined


def _divides(ep: IntArray, group: IntArray, splits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[rows, len(ep)]: whether ``ep`` splits the group so that ``splits`` has the other degree."""
    return (group[:, None] % ep == 0) & splits[group[:, None] // ep]


def _table(columns: Columns) -> PlanTable:
    return PlanTable(
        dp=columns["attention_dp"] * columns["replicas"],
        tp=columns["tp"],
        pp=columns["pp"],
        ep=columns["ep"],
        sp=columns["sp"],
        moe_tp=columns["moe_tp"],
        dcp=columns["dcp"] if "dcp" in columns else np.ones_like(columns["tp"]),
    )


def _permitted(plans: PlanTable, allowed: Mapping[str, Degrees]) -> NDArray[np.bool_]:
    mask = np.ones(len(plans), dtype=np.bool_)
    for name in ("dp", "moe_tp"):
        degrees = allowed.get(name)
        if degrees is not None:
            mask &= np.isin(getattr(plans, name), degrees)
    return mask


def _sorted(plans: PlanTable) -> PlanTable:
    inner = (plans.replicas, plans.pp, plans.moe_tp, plans.ep, plans.attention_dp, plans.sp)
    outer = (plans.dcp, plans.tp) if plans.has_dcp else (plans.tp,)
    order = np.lexsort((*inner, *outer))
    return plans[order]
