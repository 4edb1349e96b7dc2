"""Fits the kernels of one chip and engine: a folder of measured tables in, a data file out.

    cd backend && PYTHONPATH=.. .venv/bin/python -m research.kernels TABLES h100-sxm vllm [OUTPUT]
"""

import sys
from datetime import date
from pathlib import Path

from llm_simulator.catalogue import builtin_catalogue
from research.kernels.document import document
from research.kernels.fit import fit_kernels

tables, chip, engine, *output = sys.argv[1:]
fit = fit_kernels(Path(tables), builtin_catalogue().chips[chip].spec, engine)
target = Path(*output or [f"{chip}--{engine}.toml"])
target.write_text(document(fit, source=tables, entered=date.today().isoformat()), "utf-8")
print(f"{target}: {len(fit.curves)} curves fitted, {len(fit.missing)} missing")
