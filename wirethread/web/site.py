"""What all pages share: the open archive, the templates, and the answers made already."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.background import BackgroundTask

from wirethread import __version__
from wirethread.archive import Archive, Snapshot, Stamp
from wirethread.articles.credits.agencies import find_mentions
from wirethread.articles.errors import WirethreadError
from wirethread.storage.answers.page.facts import prepare_pages
from wirethread.storage.catalog import Catalog
from wirethread.web.drawing.words import FILTERS
from wirethread.web.opening import open_archive
from wirethread.web.settings import WebSettings
from wirethread.web.turns import Turns

if TYPE_CHECKING:
    from wirethread.flows.settings.config import Settings

__all__ = ["Ask", "Line", "MadeBody", "Site"]

Part = TypeVar("Part")

HTML = "text/html; charset=utf-8"
_SMALL_BYTES = 600
"""A smaller body is sent as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBody:
    """A body that was made for one address from one publication."""

    body: bytes
    packed: bytes | None
    """The same body packed by gzip, None where that is not worth it."""
    media_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question: what was asked, of which publication."""

    site: "Site"
    request: Request
    snapshot: Snapshot
    memo: dict[str, Any] = field(default_factory=dict)
    """What the answer looked up and its drawing needs too."""

    @property
    def catalog(self) -> Catalog:
        """The snapshot, on a cursor of this thread."""
        return self.snapshot.catalog

    @property
    def settings(self) -> WebSettings:
        """Options of the server."""
        return self.site.settings

    @property
    def base_url(self) -> str:
        """Where the page was asked: scheme, host and root path, without a slash at the end."""
        return str(self.request.base_url).rstrip("/") + self.settings.root_path

    @property
    def url(self) -> str:
        """The whole address that was asked, as whoever asked it wrote it."""
        asked = self.request.url
        query = f"?{asked.query}" if asked.query else ""
        return f"{self.base_url}{asked.path}{query}"


Make = Callable[[Ask], tuple[bytes, str] | tuple[bytes, str, Mapping[str, str]]]
"""Makes the body of an answer, with its media type and the headers of its own."""


class Line(Enum):
    """Where a question waits for its turn: one that takes long does not hold up short ones."""

    PAGES = "pages"
    MODEL = "model"
    """Searches, which may use the model."""
    PAIRS = "pairs"
    """Comparisons, which may be worked out anew."""
    SQL = "sql"


class Site:
    """The archive as a site. Threads use it at once."""

    def __init__(self, settings: WebSettings, archive: Archive | None = None) -> None:
        self.settings = settings
        self.archive = archive or open_archive(settings.folder)
        self.turns = {
            line: Turns(n_at_once, settings.wait_seconds)
            for line, n_at_once in (
                (Line.PAGES, settings.pages_at_once),
                (Line.MODEL, settings.model_questions),
                (Line.PAIRS, settings.model_questions),
                (Line.SQL, settings.model_questions),
            )
        }
        """The lines in which questions wait."""
        self.state_stamp: Callable[[], str] = lambda: ""
        """What else than the publication an answer depends on, such as waiting corrections."""
        self.load_pages: Callable[[], None] = lambda: None
        """Imports the pages that nobody asked for yet."""
        self.parts: dict[str, Any] = {}
        """What single pages keep: the search with its model, the queue of corrections."""
        self._answers: OrderedDict[str, MadeBody] = OrderedDict()
        self._n_bytes = 0
        self._turn = threading.Lock()
        self._making = threading.Lock()
        self._prepared: Stamp | None = None
        self._templates = Environment(
            loader=PackageLoader("wirethread.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(FILTERS)
        self._templates.globals.update(
            site=self,
            at=settings.root_path,
            version=__version__,
            zip=zip,
        )

    @property
    def templates(self) -> Environment:
        """The templates, with the filters of `drawing/words.py`."""
        return self._templates

    @cached_property
    def run_settings(self) -> "Settings":
        """The settings of the runs, as the settings file gives them."""
        from wirethread.flows.settings.config import load_settings  # noqa: PLC0415 - takes a third

        return load_settings(self.settings.config, data_folder=self.settings.folder)

    def close(self) -> None:
        """Let go of the archive, and of all that pages hold of it."""
        self.archive.close()
        for part in self.parts.values():
            if hasattr(part, "close"):
                part.close()

    def keep_part(self, name: str, make: Callable[[], Part]) -> Part:
        """Return what a page keeps, made when it is first needed."""
        with self._making:
            if name not in self.parts:
                self.parts[name] = make()
            part: Part = self.parts[name]
            return part

    def render(self, template: str, values: Mapping[str, Any]) -> bytes:
        """Return a page."""
        return self._templates.get_template(template).render(values).encode()

    async def answer(self, request: Request, make: Make, line: Line = Line.PAGES) -> Response:
        """Answer from what was made for this publication and address, or make it.

        An asker who has it already is told so, at the price of a look at the file. What takes long
        waits in a line of its own, behind a look at what was made.
        """
        if line is not Line.PAGES:
            found = await self.turns[Line.PAGES].run(lambda: self._answer(request, None))
            if found is not None:
                return found
        made = await self.turns[line].run(lambda: self._answer(request, make))
        if made is None:
            raise AssertionError("unreachable")
        return made

    def _answer(self, request: Request, make: Make | None) -> Response | None:
        """Return the answer, made now where it was not yet; None where nobody may make it."""
        with self.archive.read() as snapshot:
            tag = self._tag(snapshot, request)
            if tag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=_caching(tag))
            with self._turn:
                answer = self._answers.get(tag)
                if answer is not None:
                    self._answers.move_to_end(tag)
            if answer is None:
                if make is None:
                    return None
                made = make(Ask(site=self, request=request, snapshot=snapshot))
                answer = _pack(made[0], made[1], made[2] if len(made) > 2 else {})
                self._keep(tag, answer)
            response = _send(answer, request, tag)
            response.background = self._prepare(snapshot)
        return response

    def _prepare(self, snapshot: Snapshot) -> BackgroundTask | None:
        """Return what is to be done once a publication, when the first answer is out.

        It loads what further pages need.
        """
        with self._turn:
            if self._prepared == snapshot.stamp:
                return None
            self._prepared = snapshot.stamp

        def prepare() -> None:
            self.load_pages()
            with suppress(WirethreadError), self.archive.read() as newest:
                prepare_pages(newest.catalog)
            # the names of all agencies, a second for the first article; who asks is told of a list
            # of one's own that cannot be read
            with suppress(WirethreadError):
                find_mentions("")

        return BackgroundTask(Thread(target=prepare, name="read ahead", daemon=True).start)

    def _tag(self, snapshot: Snapshot, request: Request) -> str:
        parts = (
            __version__,
            snapshot.publication,
            str(snapshot.stamp),
            self.state_stamp(),
            str(self.settings.allow_corrections),
            request.url.netloc,
            request.url.path,
            request.url.query,
            _tell_time(request),
        )
        digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=12)
        return f'"{digest.hexdigest()}"'

    def _keep(self, tag: str, answer: MadeBody) -> None:
        size = len(answer.body) + len(answer.packed or b"")
        if size > self.settings.cache_bytes // 8:
            return
        with self._turn:
            if tag not in self._answers:
                self._answers[tag] = answer
                self._n_bytes += size
            while self._n_bytes > self.settings.cache_bytes:
                _, old = self._answers.popitem(last=False)
                self._n_bytes -= len(old.body) + len(old.packed or b"")


def _tell_time(request: Request) -> str:
    """Return the minute, where the question counts back from now; else nothing."""
    asked = (request.query_params.get(name, "") for name in ("since", "until"))
    is_moving = any(value and not value[:4].isdigit() for value in asked)
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}" if is_moving else ""


def _pack(body: bytes, media_type: str, headers: Mapping[str, str]) -> MadeBody:
    packed = gzip.compress(body, 6, mtime=0) if len(body) > _SMALL_BYTES else None
    return MadeBody(body=body, packed=packed, media_type=media_type, headers=headers)


def _send(answer: MadeBody, request: Request, tag: str) -> Response:
    headers = {**_caching(tag), **answer.headers}
    body = answer.body
    if answer.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = answer.packed
        headers["content-encoding"] = "gzip"
    response = Response(content=body, headers=headers)
    response.headers["content-type"] = answer.media_type
    return response


def _caching(tag: str) -> dict[str, str]:
    return {"etag": tag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
