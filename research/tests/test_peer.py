"""What a peer is asked about a measured run, and what becomes of its answers."""

from types import SimpleNamespace

import pytest
from research.peer import Unsupported, errors, estimate_arguments, with_estimates

RUN = {
    **{"model": "deepseek-r1", "precision": "fp4", "chip": "b200-sxm", "framework": "trtllm"},
    **{"input_tokens": "1024", "output_tokens": "1024", "concurrency": "130"},
    **{"tp": "1", "pp": "1", "attention_dp": "4", "moe_tp": "1", "ep": "4"},
    **{"ttft_ms": "200", "tpot_ms": "20"},
}


def test_a_rank_serves_its_part_of_the_mean_lengths_that_were_drawn():
    asked = estimate_arguments(RUN | {"source": "inferencex"})
    assert (asked["batch_size"], asked["isl"], asked["osl"]) == (33, 922, 922)
    assert estimate_arguments(RUN | {"source": "gap-analysis"})["isl"] == 1024


def test_what_the_tool_can_not_be_asked_says_why():
    with pytest.raises(Unsupported, match="no checkpoint of deepseek-r1 at int4"):
        estimate_arguments(RUN | {"precision": "int4"})
    with pytest.raises(Unsupported, match="acceptance"):
        estimate_arguments(RUN | {"speculative": "mtp"})


def test_a_refused_run_is_kept_without_figures():
    def estimate(*, batch_size, **_):
        if batch_size > 100:
            raise RuntimeError("out of memory\nin a long story")
        return SimpleNamespace(ttft=150.0, tpot=22.0, kv_cache_warning=None)

    rows = list(with_estimates([RUN, RUN | {"concurrency": "4000"}], estimate))
    assert [row["peer_tpot_ms"] for row in rows] == ["22", ""]
    assert [row["peer_remark"] for row in rows] == ["", "RuntimeError: out of memory"]
    assert list(errors(rows)) == [
        "TTFT: 25.0 % off in the mean, 25.0 % in the median",
        "TPOT: 10.0 % off in the mean, 10.0 % in the median",
    ]
