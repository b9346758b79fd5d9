"""The application: pages, twins, files of the style, and the guard around them all."""

import gzip
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module, resources
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from wirethread import __version__
from wirethread.archive import Archive
from wirethread.articles.errors import (
    ConfigError,
    CorrectionError,
    NotFoundError,
    RunInProgressError,
    WirethreadError,
)
from wirethread.web.api.late_routes import LateApp, LateRouter
from wirethread.web.guard import Guard
from wirethread.web.problems import MovedError, ProblemError
from wirethread.web.saved import SavedQueries
from wirethread.web.settings import WebSettings
from wirethread.web.site import HTML, Site
from wirethread.web.twins import encode_json
from wirethread.web.waiting import WaitingChanges

__all__ = ["make_app"]

_PAGES: Mapping[str, Collection[str]] = {
    "front": ("", "threads"),
    "story": ("story",),
    "article": ("article",),
    "compare": ("compare",),
    "passage": ("passage",),
    "search": ("search",),
    "corrections": ("corrections", "sql"),
    "overviews": ("outdated", "outlets", "runs", "sources", "rejected"),
    "agencies": ("agencies",),
    "sql": ("sql",),
    "help": ("help", "sign-in"),
}
"""Modules of `pages`, and the first words of their addresses."""
_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def make_app(settings: WebSettings, archive: Archive | None = None) -> Guard:
    """Return the site as an ASGI application; `archive` is its folder where it is open already."""
    site = Site(settings, archive)
    _keep_changes(site)
    if settings.config is not None:
        _ = site.run_settings  # a mistake in the file is told at the start

    @asynccontextmanager
    async def hold(_: FastAPI) -> AsyncIterator[None]:
        if settings.allow_corrections:
            site.parts["waiting"].start()
        yield
        site.close()

    app = LateApp(
        title="wirethread",
        version=__version__,
        summary="Whose words these are, and how one knows.",
        docs_url=None,
        redoc_url=None,
        lifespan=hold,
        servers=[{"url": settings.root_path or "/"}],
    )
    for name, roots in _PAGES.items():
        app.add_pages(roots, partial(_add_page, site, name))
    site.load_pages = app.load_pages
    _add_static(app)
    _add_problems(app, site)
    return Guard(app, settings)


def _add_page(site: Site, name: str, router: LateRouter) -> None:
    module = import_module(f"wirethread.web.pages.{name}")
    getattr(module, f"add_{name}")(router, site)


def _keep_changes(site: Site) -> None:
    """Keep what waits to be changed, and queries that were saved: answers depend on both."""
    waiting = WaitingChanges(site.settings.folder, lambda: site.run_settings, site.settings.config)
    saved = SavedQueries(site.settings.folder)
    site.parts["waiting"] = waiting
    site.parts["saved"] = saved
    site.state_stamp = lambda: f"{waiting.stamp()} {saved.stamp()}"


def _add_static(app: FastAPI) -> None:
    """Serve the files of the style from memory: they are few and never change."""
    folder = resources.files("wirethread.web") / "static"
    files = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
    packed = {name: gzip.compress(body, 9, mtime=0) for name, body in files.items()}

    @app.get("/static/{name}", include_in_schema=False)
    async def serve_static(request: Request, name: str) -> Response:
        if name not in files:
            raise ProblemError(404, f"there is no file {name}")
        media = _MEDIA.get("." + name.rpartition(".")[2], "application/octet-stream")
        headers = {
            "cache-control": "public, max-age=86400",
            "content-type": media,
            "vary": "accept-encoding",
        }
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(files[name], headers=headers)
        return Response(packed[name], headers={**headers, "content-encoding": "gzip"})


def _add_problems(app: FastAPI, site: Site) -> None:
    def answer(request: Request, problem: ProblemError) -> Response:
        described = problem.describe(request.url.path, site.settings.root_path)
        headers = {"cache-control": "no-store", **problem.headers}
        if "text/html" in request.headers.get("accept", ""):
            body = site.render("problem.html", {"ask": None, "problem": described})
            media = HTML
        else:
            body, media = encode_json(described), "application/problem+json"
        response = Response(body, status_code=problem.status, headers=headers)
        response.headers["content-type"] = media
        return response

    @app.exception_handler(ProblemError)
    def on_problem(request: Request, error: ProblemError) -> Response:
        return answer(request, error)

    @app.exception_handler(MovedError)
    def on_moved(request: Request, error: MovedError) -> Response:
        head, _, tail = request.url.path.rpartition("/")
        path = f"{head}/{tail.replace(error.old_id, quote(error.new_id, safe=''), 1)}"
        query = f"?{request.url.query}" if request.url.query else ""
        return Response(
            status_code=301, headers={"location": site.settings.root_path + path + query}
        )

    @app.exception_handler(RequestValidationError)
    def on_invalid(request: Request, error: RequestValidationError) -> Response:
        words = "; ".join(
            f"{'.'.join(str(part) for part in entry['loc'][1:])}: {entry['msg']}"
            for entry in error.errors()
        )
        return answer(request, ProblemError(422, words))

    @app.exception_handler(HTTPException)
    def on_http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        return answer(request, ProblemError(error.status_code, str(error.detail), headers=headers))

    @app.exception_handler(WirethreadError)
    def on_refusal(request: Request, error: WirethreadError) -> Response:
        return answer(request, ProblemError(choose_status(error), str(error)))


def choose_status(error: WirethreadError) -> int:
    """Return the status of HTTP that says what kind of error it is."""
    if isinstance(error, NotFoundError):
        return 503 if "nothing has been published" in str(error) else 404
    if isinstance(error, CorrectionError):
        return 409
    if isinstance(error, RunInProgressError):
        return 503
    return 422 if isinstance(error, ConfigError) else 503
