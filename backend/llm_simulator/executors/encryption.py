"""Whether calls may travel as they are: whoever can send one to a worker runs code there."""

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """Files by which server, scheduler and workers of a cluster know each other."""

    ca: Path
    certificate: Path
    key: Path


def is_public(host: str) -> bool:
    """Whether the host has an address that is not private; a name nobody knows yet has none.

    >>> is_public("10.1.2.3"), is_public("8.8.8.8")
    (False, True)
    """
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    addresses = {str(address[0]).partition("%")[0] for *_, address in found}
    return not all(ipaddress.ip_address(address).is_private for address in addresses)
