"""Runs the site with uvicorn until it is stopped."""

import socket
from collections.abc import Callable

from wirethread.articles.errors import ConfigError
from wirethread.storage.shared_address import is_shared
from wirethread.web.opening import open_ahead
from wirethread.web.settings import WebSettings

__all__ = ["serve_site"]


def serve_site(settings: WebSettings, tell: Callable[[str], None]) -> None:
    """Serve until interrupted; `tell` is told the address once it can be opened.

    Raises `ConfigError` where the address cannot be listened at.
    """
    listener = _listen(settings)
    archive = open_ahead(settings.folder)
    import uvicorn  # noqa: PLC0415 - loaded while the archive is opened, as is what follows

    from wirethread.web.app import make_app  # noqa: PLC0415

    port = listener.getsockname()[1]
    config = uvicorn.Config(
        make_app(settings, archive),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=settings.proxy is not None,
        forwarded_allow_ips=settings.proxy or "",
        timeout_keep_alive=15,
        limit_concurrency=500,
        h11_max_incomplete_event_size=64 << 10,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    is_there = is_shared(settings.folder) or settings.folder.exists()
    waits = "" if is_there else " once a run has made it"
    tell(f"wirethread: http://{shown}:{port}/ shows {settings.shown}{waits}; Ctrl+C stops")
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()


def _listen(settings: WebSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen(256)  # who opens the page at once waits, and is not refused
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen at {settings.host}:{settings.port}: {error.strerror}"
        ) from error
    return listener
