"""Which hosts may be read from: who fetches what users name must not be led to its own neighbours."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
"""Where clouds tell a machine its credentials, besides the link-local 169.254.169.254 of most of them."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Hosts:
    """The hosts (of object stores: the buckets) that may be read from.

    An entry is a name, an address, a network such as `10.0.0.0/8`, or a name with wildcards such as
    `*.example.com`. A wildcard never covers loopback, link-local and metadata addresses, whatever names lead
    to them: those need an entry of their own.
    """

    allowed: tuple[str, ...] = ("*",)

    def check(self, host: str) -> None:
        """Raise PermissionError if no entry could cover the name of `host`."""
        if not (self._named(host) or self._matches(host) or any(map(_network, self.allowed))):
            raise PermissionError(f"the setting import_hosts does not allow {host}")

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of `host` that may be connected to, at least one.

        Raises OSError if it has none, PermissionError if none is allowed.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as unknown:
            raise OSError(f"no address is known of the host {host}") from unknown
        texts = dict.fromkeys(str(information[4][0]) for information in found)
        permitted = [text for text in texts if self._permits(host, ipaddress.ip_address(text))]
        if not permitted:
            raise PermissionError(f"the setting import_hosts does not allow {host} ({', '.join(texts)})")
        return permitted

    def _permits(self, host: str, address: Address) -> bool:
        if self._named(host) or any(address in network for network in map(_network, self.allowed) if network):
            return True
        return self._matches(host) and not is_internal(address)

    def _named(self, host: str) -> bool:
        return any(entry.lower() == host.lower() for entry in self.allowed)

    def _matches(self, host: str) -> bool:
        return any("*" in entry and fnmatchcase(host.lower(), entry.lower()) for entry in self.allowed)


def is_internal(address: Address) -> bool:
    """Whether an address leads to this machine, its link, or a cloud's metadata, also in an IPv6 disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_internal(address.ipv4_mapped)
        if address in _NAT64:
            return is_internal(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address in _METADATA
    )


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
