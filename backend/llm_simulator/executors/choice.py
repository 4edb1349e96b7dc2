"""Which execution engine a setting names."""

from urllib.parse import urlsplit

from llm_simulator.errors import InvalidInput
from llm_simulator.executors.encryption import Certificates, is_public
from llm_simulator.executors.executor import Executor
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.settings import Settings

WARM_MODULES = ("llm_simulator.task_manager.work",)
DASK_PORT = 8786
FIELD = "TIER6_EXECUTOR"
EXPECTED = "'local' or 'dask://HOST:8786'"


def executor_of(settings: Settings) -> Executor:
    """The engine of ``settings.executor_url``, started.

    Raises InvalidInput when there is no such engine or its extra is not installed.
    """
    url = settings.executor_url
    if url == "local":
        return LocalExecutor(settings.workers, WARM_MODULES, settings.worker_niceness)
    scheme = url.partition("://")[0]
    if scheme == "dask":
        return _dask(*_scheduler(url), settings)
    if scheme == "ray":
        raise InvalidInput.at(
            FIELD,
            f"there is no Ray engine yet, only {EXPECTED}; one would be a class with the surface "
            "of executors.executor.Executor, chosen in executors.choice",
        )
    raise InvalidInput.at(FIELD, f"'{url}' names no engine; expected {EXPECTED}")


def _dask(host: str, port: int, settings: Settings) -> Executor:
    try:
        # Here and not at the top: Dask is an extra, and takes half a second to import.
        from llm_simulator.executors.dask_cluster import DaskExecutor
    except ImportError as error:
        raise InvalidInput.at(
            FIELD, "a Dask cluster needs Dask: install 'tier6[dask]', or use 'local'"
        ) from error
    certificates = _certificates(settings)
    if certificates is None and is_public(host):
        raise InvalidInput.at(
            FIELD,
            f"'{host}' is no private address, and calls are code that workers run: set "
            "TIER6_DASK_TLS_CA, TIER6_DASK_TLS_CERT and TIER6_DASK_TLS_KEY, or use a private one",
        )
    return DaskExecutor(host, port, certificates, WARM_MODULES, settings.worker_niceness)


def _certificates(settings: Settings) -> Certificates | None:
    """The certificates given; None where there are none. Raises InvalidInput for some of them."""
    given = (settings.dask_tls_ca, settings.dask_tls_cert, settings.dask_tls_key)
    if not any(given):
        return None
    ca, certificate, key = given
    if ca is None or certificate is None or key is None:
        raise InvalidInput.at(
            "TIER6_DASK_TLS_CA", "TLS needs all three: TIER6_DASK_TLS_CA, _CERT and _KEY"
        )
    for path in (ca, certificate, key):
        if not path.is_file():
            raise InvalidInput.at("TIER6_DASK_TLS_CA", f"{path.name} is not a file")
    return Certificates(ca, certificate, key)


def _scheduler(url: str) -> tuple[str, int]:
    """The scheduler's host and port.

    >>> _scheduler("dask://scheduler.example")
    ('scheduler.example', 8786)
    """
    wrong = InvalidInput.at(
        FIELD, f"'{url}' is not the address of a scheduler; expected {EXPECTED}"
    )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or DASK_PORT
    except ValueError as error:
        raise wrong from error
    if not host or parts.path.strip("/") or parts.query or parts.username:
        raise wrong
    return host, port
