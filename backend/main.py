"""`python main.py` runs the service on http://127.0.0.1:8001."""

if __name__ == "__main__":
    # Here and not at the top: worker processes import this file, and need none of the service.
    import signal
    import sys

    # Until the service listens to signals there is nothing to put in order, nor to print a trace.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    from llm_simulator.api.server import serve

    sys.exit(serve())
