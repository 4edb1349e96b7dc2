"""Importing this is a preview worker's warm-up: the catalogue is read and every formula has run.

A pool imports its modules before a worker's first call, also where a worker died: so no user's
first preview pays for it.
"""

from llm_simulator.executors.preview import previewed

SMALL = {
    "model": "deepseek-v3",
    "topology": "server-8",
    "hardware": "h200-sxm",
    "inference": {"batch_size": 8, "input_seq_length": 1024, "output_seq_length": 128},
    "search_constraints": {"max_chips": 8},
}

previewed(SMALL, 1_000_000, zipped=True)
