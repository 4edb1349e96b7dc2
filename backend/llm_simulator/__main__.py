"""``python -m llm_simulator``: the same as ``tier6``."""

from llm_simulator.cli import main

if __name__ == "__main__":
    main()
