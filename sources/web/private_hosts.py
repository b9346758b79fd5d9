"""Which hosts may be asked: a name is resolved once, and what was checked is what is connected."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from wirethread.sources.web.responses import RefusedError, UnreachableError

__all__ = ["is_public_address", "resolve_host"]

_CARRIES_IPV4 = ip_network("64:ff9b::/96")
_PUBLIC_IPV6 = ip_network("2000::/3")
"""What of IPv6 is given out at all."""
_SPECIAL = tuple(
    ip_network(words)
    for words in (
        # the IANA registries of special-purpose addresses of 2025-10, what is not reachable by all
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
        # where clouds answer their own machines, outside of those above
        "168.63.129.16/32",
    )
)
_REACHABLE = tuple(
    ip_network(words)
    for words in ("2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28")
)
"""What of 2001::/23 the registry calls reachable by all."""


def is_public_address(words: str) -> bool:
    """Tell whether an IP address is one of the public internet.

    Private, loopback, link-local, shared, multicast and reserved ones are not, nor those under
    which clouds answer their own machines, nor IPv6 addresses that carry such an IPv4 address
    (mapped, 6to4, NAT64) or hide theirs (Teredo).
    """
    try:
        address = ip_address(words.partition("%")[0])
    except ValueError:
        return False
    carried = read_carried(address) if isinstance(address, IPv6Address) else None
    if carried is not None:
        return is_public_address(str(carried))
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return any(address in network for network in _REACHABLE)
    return address.is_global and not address.is_multicast and not address.is_reserved


def read_carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for."""
    if address in _CARRIES_IPV4 or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


async def resolve_host(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the addresses of a host that may be connected, in the resolver's order.

    Numbers in any notation (2130706433, 0x7f.1, 0177.0.0.1) go through the same resolver and the
    same check as names. Raises `UnreachableError` for an unknown name, `RefusedError` where no
    address is left.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"the host {host} is not known") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    allowed = [one for one in addresses if allow_private or is_public_address(one)]
    if not allowed:
        raise RefusedError(
            f"the host {host} is a private address ({', '.join(addresses[:3])}); only with"
            " fetching.allow_private_addresses is it asked"
        )
    return allowed
