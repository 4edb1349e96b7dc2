"""`python -m llm_simulator.api.openapi` prints the OpenAPI document, the same on every machine."""

import json
import sys

from llm_simulator.api.app import create_app
from llm_simulator.settings import Settings


def main() -> None:
    """Prints the document."""
    document = create_app(Settings()).openapi()
    json.dump(document, sys.stdout, indent=2, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
