"""Which hosts may be asked: a name is resolved once, and what was checked is what is connected."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from wirethread.sources.web.answers import RefusedError, UnreachableError

__all__ = ["is_public_address", "resolve_host"]

_CARRIES_IPV4 = ip_network("64:ff9b::/96")


def is_public_address(words: str) -> bool:
    """Tell whether an IP address is one of the public internet.

    Private, loopback, link-local, shared, multicast and reserved ones are not, nor are IPv6
    addresses that carry such an IPv4 address (mapped, 6to4, NAT64) or hide theirs (Teredo).
    """
    try:
        address = ip_address(words.partition("%")[0])
    except ValueError:
        return False
    carried = read_carried(address) if isinstance(address, IPv6Address) else None
    if carried is not None:
        return is_public_address(str(carried))
    if isinstance(address, IPv6Address) and (address.teredo or address.is_site_local):
        return False
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
