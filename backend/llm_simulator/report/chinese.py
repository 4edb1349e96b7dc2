"""A report in Chinese: what the service says by code, in the page's words (``chinese.json``)."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files

from llm_simulator.planner.results.change import Change
from llm_simulator.planner.results.plan import InfeasiblePlan, MissedLimit, Parallelism, Plan
from llm_simulator.planner.results.plan_names import degrees_name, plan_name
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.report.words import Result, Words, figure

TOLD: Mapping[str, Mapping[str, str]] = json.loads(
    files("llm_simulator.report").joinpath("chinese.json").read_text("utf-8")
)
"""By the page's section and key; ``{{name}}`` is filled in."""
ONE_CHIP = "TP1"
LATENCY = re.compile(r"max_(ttft|tpot|e2e)(?:_latency)?(?:_(p\d+))?")


def _told(section: str, key: str, **values: str) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], TOLD[section][key])


def _shown(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,.0f}" if float(value).is_integer() else figure(value)


def _name(parallelism: Parallelism) -> str:
    return degrees_name(parallelism, ONE_CHIP)


def _answer(result: Result, best: Plan) -> str:
    name, idle, chips = plan_name(best, ONE_CHIP), "", f"{best.chips:,} 颗芯片"
    if result.answer is not None:
        found = result.answer
        chips = f"{found.available_chips:,} 颗芯片中的 {found.chips:,} 颗"
        if found.replicas > 1:
            name = f"{found.replicas:,} 个 {_name(found.replica)} 副本"
        if found.idle_chips:
            idle = f"剩余芯片：{found.idle_chips:,} 颗。"
    batch = "" if best.batch_size is None else f"，{best.batch_size:,} 个并发请求"
    return (
        f"{name}，使用 {chips}{batch}：吞吐 {best.throughput:,.0f} tokens/s，"
        f"TTFT {best.ttft:,.0f} ms，TPOT {best.tpot:.1f} ms。{idle}"
    )


def _reason(plan: InfeasiblePlan) -> str:
    """The service's own sentence where a limit has no words here."""
    missed = [_missed(limit) for limit in plan.missed_limits]
    told = [sentence for sentence in missed if sentence is not None]
    if not told or len(told) < len(missed):
        return plan.infeasible_reason
    return TOLD["result"]["semicolon"].join(told)


def _missed(limit: MissedLimit) -> str | None:
    keys = {"memory": "Memory", "chips": "Chips", "min_request_rate": "Rate"}
    latency = LATENCY.fullmatch(limit.code)
    if latency is None and limit.code not in keys:
        return None
    unit = " ms" if latency else " GB" if limit.code == "memory" else ""
    needed, available = _apart(limit.needed, limit.available)
    return _told(
        "result",
        f"missed{keys.get(limit.code, 'Latency')}",
        name="" if latency is None else f"{latency[1].upper()} {latency[2] or ''}".rstrip(),
        needed=needed + unit,
        available=available + unit,
        excess=figure(limit.needed - limit.available) + unit,
    )


def _apart(one: float, other: float) -> tuple[str, str]:
    """Both with as many digits as tell them apart."""
    texts = [(f"{one:,.{digits}f}", f"{other:,.{digits}f}") for digits in range(1, 7)]
    return next(((a, b) for a, b in texts if a != b), texts[0])


def _way_out(change: Change) -> str:
    latency = LATENCY.search(change.field)
    kind = "rate" if change.field.endswith("min_request_rate") else change.kind
    way = _told(
        "workspace",
        f"way_{kind}",
        before=_shown(change.before),
        after=_shown(change.after),
        name=latency[1].upper() if latency else change.field,
        concurrent=_shown(change.batch_size),
        plan=_name(change.parallelism) if change.parallelism else "",
    )
    if change.calibration_of is not None:
        way += _told("workspace", "wayCalibration", format=change.calibration_of)
    if change.throughput is None or change.ttft is None or change.tpot is None:
        return way
    return way + _told(
        "workspace",
        "wayFigures",
        throughput=figure(change.throughput),
        ttft=figure(change.ttft),
        tpot=figure(change.tpot),
    )


def _basis(plan: Plan) -> str:
    if plan.provenance is None:
        return ""
    kind, hint = (
        _told("result", f"{key}_{plan.provenance}") for key in ("provenance", "provenanceHint")
    )
    return f"预测依据：{kind}。{hint}"


def _warning(warning: EvaluationWarning) -> str | None:
    if warning.code not in TOLD["warning"]:
        return None
    values = {name: _shown(value) for name, value in warning.values.items()}
    own = TOLD["result"].get(f"provenance_{values.get('provenance')}")
    if "basis" in values and own is not None:
        values["basis"] = own
    return _told("warning", warning.code, **values)


CHINESE = Words(
    tag="zh-CN",
    separator="；",
    space="",
    one_chip=ONE_CHIP,
    model_on_chip="{model} 部署在 {chip}",
    own_model="自定义模型",
    own_chip="自定义芯片",
    two_chips="{chip} 与 {decoding}",
    cluster="{chips} 颗芯片的集群（{topology}）",
    own_topology="自定义拓扑",
    topology="拓扑 {topology}",
    lengths="输入 {given} token，输出 {made} token",
    best_concurrency="求最佳并发",
    in_flight="{requests} 个并发请求",
    latency_limit="{name} ≤ {value} ms",
    rate_limit="请求速率 ≥ {value} 请求/s",
    end_to_end="端到端时延",
    ranked_by="优化目标：{objective}",
    served_by="引擎 {engine}",
    objective=lambda name: TOLD["form"].get(f"objective_{name}", name),
    unfinished="搜索仍在进行，以下是目前最优的方案。",
    sweep="参数扫描：以下方案属于最优点 {places}。",
    hypothetical="假想芯片：以下方案属于最优芯片。",
    no_plan="没有可行的方案。",
    closest="最接近的是 {plan}（{chips} 颗芯片）：{reason}。",
    kept="满足 {limit} 的概率为 {probability}。",
    almost_sure="99% 以上",
    almost_never="不到 1%",
    answer=_answer,
    reason=_reason,
    ways_out="可行的调整",
    ways_in_the_mean=_told("workspace", "waysInTheMean"),
    way_out=_way_out,
    plans="方案排名",
    intervals="第二行为 80% 区间：每 100 个实测值约有 80 个落在其中。",
    columns=(
        *("排名", "方案", "芯片", "并发", "吞吐 tokens/s", "单芯片 tokens/s", "TTFT ms"),
        *("TPOT ms", "MFU", "MBU", "单芯片显存 GB", "每百万输出 token（美元）"),
    ),
    time="方案 1 的时间花在哪里：{plan}",
    prefill="预填充（TTFT）",
    decode="解码单个 token（TPOT）",
    time_of="{title}：{time} ms",
    causes={
        "compute": "计算",
        "memory": "访存",
        "communication": "通信",
        "overhead": "开销",
        "waiting": "等待",
    },
    memory="单芯片显存",
    fullest_chip="占用最多的芯片",
    prefill_pool="预填充池",
    decode_pool="解码池",
    memory_uses={
        "weights": "权重",
        "kv_cache": "KV 缓存",
        "activations": "激活",
        "runtime": "运行时",
    },
    memory_of="{title}：{total} / {capacity} GB",
    usable="可用 {usable} GB（竖线）",
    assumed="假设",
    basis=_basis,
    costs="成本与能耗所依据的数值及其来源（来源为英文原文）",
    cost_columns=("字段", "来源", "数值"),
    warnings="值得注意",
    warning=_warning,
    in_english="以下说明只有英文：",
    origin="搜索",
    searched="{total} 个方案，用时 {seconds} s：可行 {feasible} 个，不可行 {infeasible} 个，"
    "已剪枝 {pruned} 个（不可能入选，未评估）。",
    task="，任务 {task}",
    written="Tier6 {version}{task}，写于 {made} UTC。",
    predictions="数值是模型的预测，采购前请实测。",
    again=("要得到同样的结果，请保存下面的请求并运行 ", "。"),
    request="完整请求",
)
