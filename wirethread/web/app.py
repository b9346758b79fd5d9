"""The application: pages, twins, files of the style, and the guard around them all."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import resources
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
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
from wirethread.web.guard import Guard
from wirethread.web.pages.agencies import add_agencies
from wirethread.web.pages.article import add_article
from wirethread.web.pages.compare import add_compare
from wirethread.web.pages.corrections import add_corrections
from wirethread.web.pages.front import add_front
from wirethread.web.pages.help import add_help
from wirethread.web.pages.overviews import add_overviews
from wirethread.web.pages.passage import add_passage
from wirethread.web.pages.search import add_search
from wirethread.web.pages.sql import add_sql
from wirethread.web.pages.story import add_story
from wirethread.web.problems import MovedError, ProblemError
from wirethread.web.settings import WebSettings
from wirethread.web.site import HTML, Site
from wirethread.web.twins import encode_json

__all__ = ["make_app"]

_PAGES: tuple[Callable[[APIRouter, Site], None], ...] = (
    add_front,
    add_story,
    add_article,
    add_compare,
    add_passage,
    add_search,
    add_corrections,
    add_overviews,
    add_agencies,
    add_sql,
    add_help,
)
_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def make_app(settings: WebSettings, archive: Archive | None = None) -> Guard:
    """Return the site as an ASGI application; `archive` is its folder where it is open already."""
    site = Site(settings, archive)

    @asynccontextmanager
    async def hold(_: FastAPI) -> AsyncIterator[None]:
        if settings.allow_corrections:
            site.parts["waiting"].start()
        yield
        site.close()

    app = FastAPI(
        title="wirethread",
        version=__version__,
        summary="Whose words these are, and how one knows.",
        docs_url=None,
        redoc_url=None,
        lifespan=hold,
        servers=[{"url": settings.root_path or "/"}],
    )
    router = APIRouter()
    for add in _PAGES:
        add(router, site)
    app.include_router(router)
    _add_static(app)
    _add_problems(app, site)
    return Guard(app, settings)


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
