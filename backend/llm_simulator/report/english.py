"""A report in English: the sentences of the service are told as they are."""

from llm_simulator.planner.results.plan import Plan
from llm_simulator.planner.results.plan_names import plan_name
from llm_simulator.report.words import Result, Words


def _answer(result: Result, best: Plan) -> str:
    if result.answer is not None:
        return result.answer.sentence
    return f"{plan_name(best)} on {best.chips:,} chips."


ENGLISH = Words(
    tag="en",
    separator="; ",
    space=" ",
    one_chip="one chip",
    model_on_chip="{model} on {chip}",
    own_model="own model",
    own_chip="own chip",
    two_chips="{chip} and {decoding}",
    cluster="a cluster of {chips} ({topology})",
    own_topology="own topology",
    topology="topology {topology}",
    lengths="{given} tokens in, {made} out",
    best_concurrency="the best concurrency searched",
    in_flight="{requests} requests in flight",
    latency_limit="{name} at most {value} ms",
    rate_limit="at least {value} requests/s",
    end_to_end="end-to-end latency",
    ranked_by="ranked by {objective}",
    served_by="served by {engine}",
    objective=lambda name: name.replace("_", " "),
    unfinished="The search has not ended: these are the best plans so far.",
    sweep="A sweep: the plans are those of its best point, {places}.",
    hypothetical="Hypothetical chips: the plans are those of the best one.",
    no_plan="No plan is feasible.",
    closest="Closest: {plan} on {chips} chips {reason}.",
    kept="Keeps {limit} with {probability}.",
    almost_sure="more than 99 %",
    almost_never="less than 1 %",
    answer=_answer,
    reason=lambda plan: plan.infeasible_reason,
    ways_out="What would fit",
    ways_in_the_mean="",
    way_out=lambda change: change.sentence,
    plans="Ranked plans",
    intervals="Second line: the interval that holds the measured figure with 80 %.",
    columns=(
        *("#", "Plan", "Chips", "At once", "Tokens/s", "Tokens/s per chip", "TTFT ms", "TPOT ms"),
        *("MFU", "MBU", "GB per chip", "USD per million output tokens"),
    ),
    time="Where the time of plan 1 goes: {plan}",
    prefill="Prefill (TTFT)",
    decode="Decode, one token (TPOT)",
    time_of="{title}: {time} ms",
    causes={name: name for name in ("compute", "memory", "communication", "overhead", "waiting")},
    memory="What fills its memory",
    fullest_chip="Memory of the fullest chip",
    prefill_pool="Prefill pool",
    decode_pool="Decode pool",
    memory_uses={
        "weights": "weights",
        "kv_cache": "KV cache",
        "activations": "activations",
        "runtime": "runtime",
    },
    memory_of="{title}: {total} of {capacity} GB",
    usable="{usable} GB usable (line)",
    assumed="What was assumed",
    basis=lambda _: "",
    costs="Cost and energy rest on",
    cost_columns=("Field", "Source", "Value"),
    warnings="Warnings",
    warning=lambda warning: warning.message,
    in_english="",
    origin="How it was found",
    searched="{total} plans in {seconds} s: {feasible} feasible, {infeasible} infeasible, "
    "{pruned} not evaluated because a bound rules them out.",
    task=", task {task}",
    written="Tier6 {version}{task}, written {made} UTC.",
    predictions="Figures are predictions of a model; measure before you buy.",
    again=("To make it again, save the request below and run ", "."),
    request="The request",
)
