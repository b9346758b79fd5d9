"""Pages that are imported, and routes that are built, when somebody first asks for their address.

FastAPI makes a model of every parameter and answer of a route when it is added: for all pages and
their files that took half of the time from the start of the server to its first answer.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from threading import Lock
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send

__all__ = ["LateApp", "LatePages", "LateRoute", "LateRouter"]

_CHOSEN = "wirethread.route"
"""Under which name a request carries the route that was found for it."""


class LateRoute(BaseRoute):
    """A path, and the route of FastAPI behind it once it is asked for."""

    def __init__(self, path: str, endpoint: Callable[..., Any], options: dict[str, Any]) -> None:
        self.path = path
        self._endpoint, self._options = endpoint, options
        self._pattern = compile_path(path)[0]

    @cached_property
    def route(self) -> BaseRoute:
        """The route that answers."""
        router = APIRouter()
        router.add_api_route(self.path, self._endpoint, **self._options)
        (built,) = router.routes
        return built

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the address is this one; of others nothing is built."""
        if scope["type"] != "http" or not self._pattern.match(find_path(scope)):
            return Match.NONE, {}
        return self.route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self.route.handle(scope, receive, send)


class LateRouter(APIRouter):
    """A router whose routes are built late."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route, in the words of `APIRouter.add_api_route`."""
        self.routes.append(LateRoute(path, endpoint, options))


class LatePages(BaseRoute):
    """The routes of a module of pages; it is imported when an address of it is asked for.

    `roots` are the first words of its addresses: `search` for `/search` and `/search.csv`.
    """

    def __init__(self, roots: Collection[str], add: Callable[[LateRouter], None]) -> None:
        self._roots, self._add = roots, add
        self._turn = Lock()
        self._routes: list[BaseRoute] | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes, of whichever thread that asks first."""
        with self._turn:
            if self._routes is None:
                router = LateRouter()
                self._add(router)
                self._routes = router.routes
            return self._routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return the best match of a route, as the router of an application chooses it."""
        if scope["type"] != "http" or find_root(find_path(scope)) not in self._roots:
            return Match.NONE, {}
        partial: tuple[Match, Scope] = (Match.NONE, {})
        for route in self.routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, _CHOSEN: route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**found, _CHOSEN: route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await scope[_CHOSEN].handle(scope, receive, send)


class LateApp(FastAPI):
    """An application with late pages, which are there for its description."""

    def add_pages(self, roots: Collection[str], add: Callable[[LateRouter], None]) -> None:
        """Add what `add` adds to a router, under addresses that begin with one of the roots."""
        self.router.routes.append(LatePages(roots, add))

    def load_pages(self) -> None:
        """Import all pages."""
        for one in self.router.routes:
            if isinstance(one, LatePages):
                _ = one.routes

    def openapi(self) -> dict[str, Any]:
        """Return the description of the whole, made when it is first asked for."""
        routes: list[BaseRoute] = []
        for one in self.router.routes:
            routes += one.routes if isinstance(one, LatePages) else [one]
        self.router.routes[:] = [one.route if isinstance(one, LateRoute) else one for one in routes]
        return super().openapi()


def find_path(scope: Scope) -> str:
    """Return the address that was asked for, without the path under which the site stands."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))


def find_root(path: str) -> str:
    """Return the first word of an address: up to a slash, or the point of its form."""
    return path.strip("/").partition("/")[0].partition(".")[0]
