"""What a search comes to: its first plan as independent replicas on the chips there are."""

from llm_simulator.planner.results.plan import Parallelism, Plan
from llm_simulator.planner.results.plan_names import degrees_name, plan_name
from llm_simulator.planner.results.record import Record


class Answer(Record):
    """The first plan, in words: so many replicas, on so many of the chips there are."""

    replicas: int
    """Independent copies of the model, each an engine of its own; 1 for pools."""
    replica: Parallelism
    """Of one of them; of pools the plan of a decode instance."""
    chips: int
    available_chips: int
    """Those of the topology, or ``max_chips``."""
    idle_chips: int
    """Left over."""
    sentence: str


def answer_of(plan: Plan, available_chips: int) -> Answer:
    """The answer that ``plan`` is, where so many chips may be used."""
    replicas = 1 if plan.pools is not None else plan.replicas
    replica = plan.parallelism.model_copy(update={"dp": plan.parallelism.dp // replicas})
    idle = available_chips - plan.chips
    return Answer(
        replicas=replicas,
        replica=replica,
        chips=plan.chips,
        available_chips=available_chips,
        idle_chips=idle,
        sentence=_sentence(plan, replicas, replica, idle),
    )


def _sentence(plan: Plan, replicas: int, replica: Parallelism, idle: int) -> str:
    name = plan_name(plan) if plan.pools is not None else _name(replica)
    several = f"{replicas} replicas of {name}" if replicas > 1 else name
    chips = "1 chip" if plan.chips == 1 else f"{plan.chips:,} chips"
    left = "" if idle == 0 else f"; {idle:,} more chip{'s are' if idle > 1 else ' is'} not used"
    return (
        f"{several} on {chips}: {plan.throughput:,.0f} tokens/s with {plan.batch_size:,} requests "
        f"in flight, TTFT {plan.ttft:,.0f} ms, TPOT {plan.tpot:.1f} ms{left}."
    )


def _name(replica: Parallelism) -> str:
    """The degrees above one, TP1 where there is none."""
    return degrees_name(replica) if max(replica.model_dump().values()) > 1 else "TP1"
