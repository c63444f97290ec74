"""Which hosts may be read from, whatever they call themselves."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from aquifer_cluster.ingest import Hosts
from aquifer_cluster.ingest.hosts import is_internal

PUBLIC, PRIVATE = "93.184.216.34", "10.1.2.3"
INTERNAL = (
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fe80::1",
    "224.0.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
)


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that lead where their first part says; literal addresses lead to themselves."""
    known = {"public.example.com": PUBLIC, "rebound.example.com": "127.0.0.1", "intranet": PRIVATE}

    def look_up(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        if host == "both.example.com":
            return [(2, 1, 6, "", (address, port)) for address in ("127.0.0.1", PUBLIC)]
        if host == "unknown.example.com":
            raise socket.gaierror(-2, "Name or service not known")
        return [(2, 1, 6, "", (known.get(host, host), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("text", INTERNAL)
def test_addresses_of_the_inside_are_refused_unless_they_are_named(text: str) -> None:
    assert is_internal(ipaddress.ip_address(text))
    with pytest.raises(PermissionError, match="import_hosts does not allow"):
        Hosts().addresses(text, 80)
    assert Hosts((text,)).addresses(text, 80) == [text]


@pytest.mark.parametrize("text", [PUBLIC, PRIVATE, "2606:2800:220:1::1", "192.168.0.9"])
def test_other_addresses_are_allowed(text: str) -> None:
    assert Hosts().addresses(text, 80) == [text]


ALLOWED = [
    (("*",), "public.example.com", [PUBLIC]),
    (("*.example.com",), "PUBLIC.example.com".lower(), [PUBLIC]),
    (("Public.Example.com",), "public.example.com", [PUBLIC]),
    (("93.184.216.0/24",), "public.example.com", [PUBLIC]),
    ((PUBLIC,), "public.example.com", [PUBLIC]),
    (("rebound.example.com",), "rebound.example.com", ["127.0.0.1"]),
    (("*", "127.0.0.0/8"), "rebound.example.com", ["127.0.0.1"]),
    (("*",), "both.example.com", [PUBLIC]),
    (("*",), "rebound.example.com", None),
    (("*.example.com",), "rebound.example.com", None),
    (("*.example.com",), "intranet", None),
    (("public.example.com",), PUBLIC, None),
    (("10.0.0.0/8",), "public.example.com", None),
    ((), "public.example.com", None),
]


@pytest.mark.parametrize(("allowed", "host", "addresses"), ALLOWED)
def test_an_entry_allows_names_addresses_and_networks(
    allowed: tuple[str, ...], host: str, addresses: list[str] | None
) -> None:
    if addresses is None:
        with pytest.raises(PermissionError, match=f"import_hosts does not allow {host}"):
            Hosts(allowed).addresses(host, 80)
    else:
        Hosts(allowed).check(host)
        assert Hosts(allowed).addresses(host, 80) == addresses


def test_a_host_without_an_address_is_named() -> None:
    with pytest.raises(OSError, match=r"no address is known of the host unknown\.example\.com"):
        Hosts().addresses("unknown.example.com", 80)
