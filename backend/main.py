"""`python main.py` runs the service on http://127.0.0.1:8001."""

if __name__ == "__main__":
    # Here and not at the top: worker processes import this file, and need none of the service.
    import sys

    from llm_simulator.api.server import serve

    sys.exit(serve())
