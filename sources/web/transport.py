"""Connect to the address that was checked, under the name that was asked for."""

import ssl

import httpx

from wirethread.sources.web.private_hosts import resolve_host
from wirethread.sources.web.responses import UnreachableError

__all__ = ["CheckedTransport"]

_PORTS = {"http": 80, "https": 443}
_LIMITS = httpx.Limits(max_connections=2, max_keepalive_connections=1, keepalive_expiry=20)


class CheckedTransport(httpx.AsyncBaseTransport):
    """Resolves each host once per request, refuses private ones, and connects to the result.

    The connection goes to the number, while `Host`, server name indication and the certificate
    check keep the name: a resolver that answers otherwise the second time gains nothing. Each
    origin has its own pool, so that two names on one number never share a connection.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._context: ssl.SSLContext | None = None
        self._pools: dict[tuple[str, str, int], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the first address that takes the connection."""
        url = request.url
        port = url.port or _PORTS[url.scheme]
        name = url.raw_host.decode("ascii").strip("[]")
        addresses = await resolve_host(name, port, allow_private=self._allow_private)
        pool = self._open_pool((url.scheme, name, port))
        failure: Exception = UnreachableError(f"the host {name} has no address")
        for address in addresses[:4]:
            sent = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": name},
            )
            try:
                return await pool.handle_async_request(sent)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    def _open_pool(self, key: tuple[str, str, int]) -> httpx.AsyncHTTPTransport:
        if key not in self._pools:
            if self._context is None:
                self._context = httpx.create_ssl_context()  # slow: once for all hosts
            self._pools[key] = httpx.AsyncHTTPTransport(
                verify=self._context, limits=_LIMITS, trust_env=False
            )
        return self._pools[key]

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()
