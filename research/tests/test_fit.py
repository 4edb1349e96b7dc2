"""Tables made from known coefficients give them back; nonsense names its column."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from llm_simulator.catalogue import builtin_catalogue
from research.kernels.attention import decode_demand, prompt_demand
from research.kernels.collectives import MOVED
from research.kernels.curve import (
    CollectiveCurve,
    KernelCurve,
    collective_time,
    kernel_time,
)
from research.kernels.fit import FittedCurve, fit_kernels
from research.kernels.formats import KERNEL_FORMATS
from research.kernels.gemm import gemm_demand
from research.kernels.linear_attention import chunked_demand, recurrence_demand
from research.kernels.mixture import mixture_demand

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Array

CLOSE = 0.02


@pytest.fixture(scope="module")
def chip() -> ChipSpec:
    return builtin_catalogue().chips["h100-sxm"].spec


def grid(**axes: Sequence[float]) -> dict[str, Array]:
    """Columns of every combination of the axes."""
    points = np.array(list(product(*axes.values())), dtype=float)
    return dict(zip(axes, points.T, strict=True))


def write(path: Path, columns: Mapping[str, Any], seconds: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {n: np.broadcast_to(v, seconds.shape) for n, v in columns.items()}
    rows["latency"] = seconds * 1e3
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows)
        writer.writerows(zip(*rows.values(), strict=True))


def only(tables: Path, chip: ChipSpec) -> FittedCurve:
    (curve,) = fit_kernels(tables, chip, "vllm").curves
    return curve


def assert_found(fitted: FittedCurve, known: KernelCurve | CollectiveCurve) -> None:
    for name, value in asdict(known).items():
        assert getattr(fitted.curve, name) == pytest.approx(value, rel=CLOSE), name


def gemm_grid() -> dict[str, Array]:
    sides = (512, 1024, 2048, 4096, 8192, 16384)
    return grid(m=(1, 8, 64, 256, 1024, 4096, 16384), n=sides, k=sides)


def gemm_seconds(chip: ChipSpec, known: KernelCurve, form: str) -> Array:
    shape = gemm_grid()
    demand = gemm_demand(
        rows=shape["m"],
        columns=shape["n"],
        inner=shape["k"],
        form=KERNEL_FORMATS[form],
        chip=chip,
    )
    return np.asarray(kernel_time(known, demand))


BF16 = KernelCurve(2.5e-6, 0.82, 0.86, 2.1, serial_latency=1.5e-6)
FP8 = KernelCurve(5e-6, 0.73, 0.79, 1.6, stream_passes=2.1, serial_latency=1.1e-6)


@pytest.mark.parametrize(("form", "known"), [("bfloat16", BF16), ("fp8", FP8)])
def test_products_give_their_coefficients_back(
    tmp_path: Path, chip: ChipSpec, form: str, known: KernelCurve
):
    columns = gemm_grid() | {"gemm_dtype": form}
    write(tmp_path / "gemm_perf.csv", columns, gemm_seconds(chip, known, form))
    fitted = only(tmp_path, chip)
    assert_found(fitted, known)
    assert fitted.residuals.mean < CLOSE


def test_noise_and_outliers_hardly_move_the_coefficients(tmp_path: Path, chip: ChipSpec):
    noise = np.random.default_rng(3)
    seconds = gemm_seconds(chip, BF16, "bfloat16")
    seconds = seconds * np.exp(noise.normal(0, 0.02, seconds.shape))
    seconds[:: len(seconds) // 8] *= 20
    write(tmp_path / "gemm_perf.csv", gemm_grid() | {"gemm_dtype": "bfloat16"}, seconds)
    found = only(tmp_path, chip).curve
    assert isinstance(found, KernelCurve)
    assert found.compute_share == pytest.approx(BF16.compute_share, rel=CLOSE)
    assert found.memory_share == pytest.approx(BF16.memory_share, rel=CLOSE)


def test_decoding_gives_its_coefficients_back(tmp_path: Path, chip: ChipSpec):
    known = KernelCurve(11e-6, 0.1, 0.9, 3.0, extra_context=130.0)
    axes = grid(
        batch_size=(1, 4, 16, 64, 256, 1024),
        step=(15, 255, 1023, 4095, 16383),
        num_heads=(32, 64),
        num_key_value_heads=(1, 8),
    )
    demand = decode_demand(
        requests=axes["batch_size"],
        context=axes["step"] + 1,
        heads=axes["num_heads"],
        kv_heads=axes["num_key_value_heads"],
        width=128.0,
        cache_bytes=2.0,
        chip=chip,
    )
    columns = axes | {"head_dim": 128, "kv_cache_dtype": "bfloat16", "window_size": 0}
    path = tmp_path / "vllm" / "0.1" / "generation_attention_perf.csv"
    write(path, columns, np.asarray(kernel_time(known, demand)))
    assert_found(only(tmp_path, chip), known)


def test_prompts_give_their_coefficients_back(tmp_path: Path, chip: ChipSpec):
    known = KernelCurve(12e-6, 0.8, 0.5, 1.5, extra_width=45.0)
    axes = grid(
        batch_size=(1, 4, 16),
        isl=(128, 512, 2048, 8192),
        num_heads=(8, 32),
        num_key_value_heads=(1, 8),
        head_dim=(64, 128, 256),
    )
    demand = prompt_demand(
        prompts=axes["batch_size"],
        length=axes["isl"],
        heads=axes["num_heads"],
        kv_heads=axes["num_key_value_heads"],
        key_width=axes["head_dim"],
        value_width=axes["head_dim"],
        unit="bf16",
        chip=chip,
    )
    columns = axes | {"attn_dtype": "bfloat16", "kv_cache_dtype": "bfloat16"}
    write(
        tmp_path / "context_attention_perf.csv",
        columns,
        np.asarray(kernel_time(known, demand)),
    )
    assert_found(only(tmp_path, chip), known)


def test_mixtures_give_their_coefficients_back(tmp_path: Path, chip: ChipSpec):
    known = KernelCurve(30e-6, 0.4, 0.84, 2.0, stream_passes=4.0, serial_latency=0.8e-6)
    axes = grid(
        num_tokens=(1, 4, 16, 64, 256, 1024, 4096, 16384),
        hidden_size=(2048, 7168),
        num_experts=(64, 256),
        moe_tp_size=(1, 4),
        moe_ep_size=(1, 8),
    )
    pairs = axes["num_tokens"] * 8
    experts = np.minimum(axes["num_experts"], pairs) / axes["moe_ep_size"]
    demand = mixture_demand(
        assignments=pairs / axes["moe_ep_size"],
        active=np.maximum(experts, 1),
        tokens_everywhere=pairs,
        hidden=axes["hidden_size"],
        width=2048 / axes["moe_tp_size"],
        form=KERNEL_FORMATS["fp8_block"],
        chip=chip,
    )
    columns = axes | {"inter_size": 2048, "topk": 8, "distribution": "balanced"}
    columns = columns | {"moe_dtype": "fp8_block"}
    write(tmp_path / "moe_perf.csv", columns, np.asarray(kernel_time(known, demand)))
    assert_found(only(tmp_path, chip), known)


def test_delta_nets_give_their_coefficients_back(tmp_path: Path, chip: ChipSpec):
    decode = KernelCurve(3.5e-6, 0.5, 0.9, 4.0)
    prompt = KernelCurve(10e-6, 0.2, 0.6, 2.5, serial_latency=3e-6)
    axes = grid(batch_size=(1, 8, 64, 512), seq_len=(64, 512, 4096, 32768), num_v_heads=(8, 32, 64))
    heads, state = axes["num_v_heads"], axes["num_v_heads"] * 128.0 * 128.0
    one = recurrence_demand(
        requests=axes["batch_size"], key_heads=16.0, value_heads=heads, state=state, chip=chip
    )
    many = chunked_demand(
        prompts=axes["batch_size"],
        length=axes["seq_len"],
        key_heads=16.0,
        value_heads=heads,
        state=state,
        chip=chip,
    )
    times = (kernel_time(decode, one), kernel_time(prompt, many))
    phases = np.repeat(("generation", "context"), len(heads))
    columns = {name: np.tile(values, 2) for name, values in axes.items()}
    columns |= {"num_k_heads": 16, "head_k_dim": 128, "head_v_dim": 128}
    columns |= {"phase": phases, "kernel_source": phases}
    write(tmp_path / "gdn_perf.csv", columns, np.concatenate([np.asarray(t) for t in times]))
    first, second = fit_kernels(tmp_path, chip, "vllm").curves
    assert isinstance(first.curve, KernelCurve)
    assert first.curve.memory_share == pytest.approx(0.9, rel=CLOSE)
    assert_found(second, prompt)


def test_all_reduces_give_their_coefficients_back(tmp_path: Path, chip: ChipSpec):
    known = CollectiveCurve(4e-6, 0.5e-6, 0.75, ramp=10e-6, direct_share=0.6, turn=4e-6)
    axes = grid(num_gpus=(2, 4, 8), message_size=np.geomspace(128, 5e8, 40).tolist())
    size, ranks = 2 * axes["message_size"], axes["num_gpus"]
    assert chip.chip_to_chip is not None
    seconds = collective_time(
        known,
        ranks=ranks,
        moved=MOVED["all_reduce"](size, ranks),
        direct=(ranks - 1) * size,
        bandwidth=chip.chip_to_chip.bandwidth,
    )
    columns = axes | {"allreduce_dtype": "bfloat16", "kernel_source": "vLLM_custom_graph"}
    write(tmp_path / "custom_allreduce_perf.csv", columns, np.asarray(seconds))
    assert_found(only(tmp_path, chip), known)


def test_the_hosts_pace_is_not_taken_for_the_kernels(tmp_path: Path, chip: ChipSpec):
    seconds = np.maximum(gemm_seconds(chip, FP8, "fp8"), 30e-6)
    write(tmp_path / "gemm_perf.csv", gemm_grid() | {"gemm_dtype": "fp8"}, seconds)
    fitted = only(tmp_path, chip)
    assert fitted.host_bound
    assert fitted.curve.fixed < 10e-6
    assert isinstance(fitted.curve, KernelCurve)
    assert fitted.curve.compute_share == pytest.approx(FP8.compute_share, rel=0.1)


def test_a_table_of_the_hosts_pace_gives_no_curve(tmp_path: Path, chip: ChipSpec):
    seconds = {
        "bfloat16": gemm_seconds(chip, BF16, "bfloat16"),
        "fp8": np.maximum(gemm_seconds(chip, FP8, "fp8"), 1e-3),
    }
    columns = {name: np.tile(values, 2) for name, values in gemm_grid().items()}
    columns["gemm_dtype"] = np.repeat(list(seconds), len(columns["m"]) // 2)
    write(tmp_path / "gemm_perf.csv", columns, np.concatenate(list(seconds.values())))
    (missing,) = fit_kernels(tmp_path, chip, "vllm").missing
    assert missing.format == "fp8"
    assert "waiting for the host" in missing.reason


def test_rows_without_order_give_no_curve(tmp_path: Path, chip: ChipSpec):
    noise = np.random.default_rng(5)
    seconds = np.concatenate(
        [gemm_seconds(chip, BF16, "bfloat16"), 10.0 ** noise.uniform(-5, -1, len(gemm_grid()["m"]))]
    )
    columns = {name: np.tile(values, 2) for name, values in gemm_grid().items()}
    columns["gemm_dtype"] = np.repeat(("bfloat16", "fp8"), len(columns["m"]) // 2)
    write(tmp_path / "gemm_perf.csv", columns, seconds)
    (missing,) = fit_kernels(tmp_path, chip, "vllm").missing
    assert "is off by" in missing.reason


def test_a_curve_that_cannot_be_fitted_is_named(tmp_path: Path, chip: ChipSpec):
    seconds = gemm_seconds(chip, BF16, "bfloat16")
    formats = np.where(np.arange(len(seconds)) < 5, "fp8", "bfloat16")
    write(tmp_path / "gemm_perf.csv", gemm_grid() | {"gemm_dtype": formats}, seconds)
    (missing,) = fit_kernels(tmp_path, chip, "vllm").missing
    assert (missing.operator, missing.format) == ("gemm", "fp8")


def test_the_newest_whole_table_of_the_engine_counts(tmp_path: Path, chip: ChipSpec):
    columns = gemm_grid() | {"gemm_dtype": "bfloat16"}
    known_shares = (("vllm", "0.9", 0.5), ("vllm", "0.10", 0.7), ("sglang", "1", 0.9))
    for engine, version, share in known_shares:
        known = replace(BF16, compute_share=share)
        path = tmp_path / "gemm" / engine / version / "gemm_perf.csv"
        write(path, columns, gemm_seconds(chip, known, "bfloat16"))
    fitted = only(tmp_path, chip)
    assert fitted.table == "gemm/vllm/0.10/gemm_perf.csv"
    assert isinstance(fitted.curve, KernelCurve)
    assert fitted.curve.compute_share == pytest.approx(0.7, rel=CLOSE)


def refused(tables: Path, chip: ChipSpec) -> str:
    with pytest.raises(InvalidInput) as caught:
        fit_kernels(tables, chip, "vllm")
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("latency", "0", "gemm_perf.latency: must be milliseconds above 0, not 0"),
        ("latency", "-1", "gemm_perf.latency: must be numbers of at least 0, not -1"),
        ("m", "many", "gemm_perf.m: must be numbers"),
        ("k", "nan", "gemm_perf.k: must be numbers of at least 0, not nan"),
    ],
)
def test_a_nonsense_value_names_its_column(
    tmp_path: Path, chip: ChipSpec, column: str, value: str, message: str
):
    row = {"gemm_dtype": "bfloat16", "m": "8", "n": "1024", "k": "1024", "latency": "1"}
    row |= {column: value}
    (tmp_path / "gemm_perf.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    assert refused(tmp_path, chip) == message


def test_a_missing_column_is_named(tmp_path: Path, chip: ChipSpec):
    (tmp_path / "gemm_perf.csv").write_text("gemm_dtype,m,n,latency\nbfloat16,8,1024,1\n")
    assert "gemm_perf.k: is missing" in refused(tmp_path, chip)


def test_a_folder_without_tables_says_what_it_looks_for(tmp_path: Path, chip: ChipSpec):
    assert "known names: gemm_perf" in refused(tmp_path, chip)


def test_an_empty_table_is_refused(tmp_path: Path, chip: ChipSpec):
    (tmp_path / "gemm_perf.csv").write_text("gemm_dtype,m,n,k,latency\n")
    assert "has no rows" in refused(tmp_path, chip)


def test_parquet_that_can_not_be_read_names_the_way_out(tmp_path: Path, chip: ChipSpec):
    (tmp_path / "gemm_perf.parquet").write_bytes(b"a pointer instead of a table\n")
    message = refused(tmp_path, chip)
    assert "tier6[calibrate]" in message or "not a Parquet file" in message
