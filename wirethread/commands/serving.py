"""`wirethread serve`: the pages, for one person or a newsroom."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import sys
from pathlib import Path
from typing import Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.terminal.options import ConfigFile, DataFolder

__all__ = ["add_serving", "serve_folder"]


def add_serving(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port, 0 for any free one.")
    ] = 8517,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="A further name under which the page may be called."),
    ] = None,
    allow_corrections: Annotated[
        bool,
        typer.Option("--allow-corrections", help="Let people correct, and save queries."),
    ] = False,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="File with the secret that whoever asks must show."),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option("--proxy", help="Address of the proxy that alone may connect."),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option("--root-path", help="Path under which the proxy shows the page: /wire."),
    ] = "",
    user_header: Annotated[
        str, typer.Option("--user-header", help="Header in which the proxy says who asks.")
    ] = "X-Remote-User",
) -> None:
    """Show the archive as pages, with their JSON, feeds and files; it works while a run writes."""
    from wirethread.terminal.options import find_folder
    from wirethread.web.serving import serve_site
    from wirethread.web.settings import WebSettings

    base = WebSettings(folder=find_folder(config, data))
    settings = WebSettings(
        folder=base.folder,
        config=config,
        host=host,
        port=port,
        allowed_hosts=(*base.allowed_hosts, host, *(allow_host or [])),
        allow_corrections=allow_corrections,
        token=None if token_file is None else read_token(token_file),
        proxy=proxy,
        root_path=root_path.rstrip("/"),
        user_header=user_header,
    )
    serve_site(settings, tell)


def serve_folder(folder: Path, *, port: int = 8517) -> None:
    """Serve one folder for one person on this machine."""
    from wirethread.web.serving import serve_site
    from wirethread.web.settings import WebSettings

    serve_site(WebSettings(folder=folder, port=port), tell)


def read_token(path: Path) -> str:
    """Return the first line of a file. Raises `ConfigError` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").strip().splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise ConfigError(f"--token-file: {path} holds no token that can be read") from error


def tell(words: str) -> None:
    """Say something to whoever started the server."""
    print(words, file=sys.stderr, flush=True)
