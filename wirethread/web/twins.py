"""One function, two forms: a page for people, and the same answer as JSON at the same address."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from wirethread.as_json import to_plain
from wirethread.web.problems import Problem
from wirethread.web.site import HTML, Ask, Line, Site

__all__ = ["PROBLEMS", "add_twin", "encode_json", "wear_signature"]

JSON = "application/json"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": words,
        "model": Problem,
        "content": {"application/problem+json": {}, "text/html": {}},
    }
    for status, words in {
        400: "The request cannot be read.",
        401: "The token is missing.",
        403: "Not allowed.",
        404: "There is no such thing.",
        413: "The request is too large.",
        421: "Called under a name that is not served.",
        422: "The question cannot be answered as it is asked.",
        503: "Nothing is published yet, or too much is asked at once.",
    }.items()
}
"""The errors that every operation may answer with."""


def add_twin(
    router: APIRouter,
    site: Site,
    path: str,
    answer: Callable[..., Any],
    *,
    template: str,
    model: Any,
    view: Callable[[Ask, Any], Mapping[str, Any]] | None = None,
    name: str | None = None,
    line: Line = Line.PAGES,
) -> None:
    """Serve `answer(ask, **parameters)` at `path` as a page, and at `path.json` as it is.

    `view` adds what only the page needs; `line` is where the question waits. The JSON form is
    registered first: its address would otherwise be taken for an id that ends in `.json`.
    """
    words = inspect.getdoc(answer) or ""

    async def as_json(request: Request, **values: Any) -> Response:
        return await site.answer(
            request, lambda ask: (encode_json(answer(ask, **values)), JSON), line
        )

    async def as_page(request: Request, **values: Any) -> Response:
        def make(ask: Ask) -> tuple[bytes, str]:
            found = answer(ask, **values)
            more = view(ask, found) if view is not None else {}
            return site.render(template, {"ask": ask, "answer": found, **more}), HTML

        return await site.answer(request, make, line)

    title = name or answer.__name__.removeprefix("answer_")
    twin = "/.json" if path == "/" else f"{path}.json"
    router.add_api_route(
        twin,
        wear_signature(as_json, answer),
        methods=["GET"],
        response_model=model,
        responses=PROBLEMS,
        name=f"{title}_json",
        operation_id=f"{title}_json",
        description=words,
        tags=["answers"],
    )
    router.add_api_route(
        path,
        wear_signature(as_page, answer),
        methods=["GET"],
        response_model=None,
        responses={200: {"content": {"text/html": {}}, "description": "A page."}, **PROBLEMS},
        name=title,
        operation_id=title,
        description=words,
        tags=["pages"],
    )


def wear_signature(outer: Callable[..., Any], inner: Callable[..., Any]) -> Callable[..., Any]:
    """Let FastAPI see the parameters of `inner`, with the request in the place of the first."""
    signature = inspect.signature(inner)
    _, *rest = signature.parameters.values()
    first = inspect.Parameter(
        "request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request
    )
    keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in rest]
    outer.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[first, *keywords], return_annotation=inspect.Signature.empty
    )
    return outer


def encode_json(value: Any) -> bytes:
    """Return `value` as compact JSON."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":")).encode()
