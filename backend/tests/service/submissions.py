"""Submissions the service tests share, from a quick one to one long enough to step into."""

from typing import Any

LINKS = {
    "c2c": {"bandwidth_gbps": 450, "latency_us": 1},
    "b2b": {"bandwidth_gbps": 50, "latency_us": 5},
    "r2r": {"bandwidth_gbps": 50, "latency_us": 8},
    "p2p": {"bandwidth_gbps": 25, "latency_us": 10},
}


def quick(experiment_name: str = "quick", **changes: Any) -> dict[str, Any]:
    """A search of a few plans."""
    return {
        "experiment_name": experiment_name,
        "topology": "server-8",
        "model": "llama-3.1-8b",
        "hardware": "h200-sxm",
        "inference": {"batch_size": 32, "input_seq_length": 1024, "output_seq_length": 256},
        "search_mode": "auto",
    } | changes


def long(experiment_name: str = "long", **changes: Any) -> dict[str, Any]:
    """A search of two million plans in 40 chunks: DeepSeek-V3 on 16,384 chips."""
    chips = [{"name": "h200-sxm", "count": 16}]
    boards = [{"count": 4, "chips": chips}]
    racks = [{"count": 16, "boards": boards}]
    topology = {"pods": [{"count": 16, "racks": racks}], "interconnect": {"links": LINKS}}
    load = {"batch_size": 65536, "input_seq_length": 1024, "output_seq_length": 1024}
    return quick(experiment_name, topology=topology, model="deepseek-v3", inference=load) | changes


def medium(experiment_name: str = "medium", **changes: Any) -> dict[str, Any]:
    """The same on 1,024 chips: a hundred thousand plans."""
    topology = long()["topology"] | {"pods": [long()["topology"]["pods"][0] | {"count": 1}]}
    return long(experiment_name, topology=topology) | changes
