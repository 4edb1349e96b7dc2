"""What ``import llm_simulator`` offers."""

import subprocess
import sys

import llm_simulator


def test_the_public_api_is_this_list():
    assert llm_simulator.__all__ == [
        "EvaluationResult",
        "Explanation",
        "InfeasiblePlan",
        "Plan",
        "SearchStats",
        "__version__",
        "evaluate_candidates",
        "evaluate_deployment",
        "evaluate_request",
        "explain",
    ]


def test_every_public_name_is_there():
    assert all(getattr(llm_simulator, name) is not None for name in llm_simulator.__all__)
    assert not hasattr(llm_simulator, "evaluate_everything")


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, llm_simulator; print({'numpy', 'pydantic'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
