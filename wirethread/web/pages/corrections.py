"""`/corrections`: what people said about the stories, what waits, and how to take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from wirethread.articles.types.articles import Correction
from wirethread.web.api.exports import add_exports, to_table
from wirethread.web.problems import ProblemError
from wirethread.web.saved import SavedQueries, SavedQuery
from wirethread.web.site import Ask, Site
from wirethread.web.twins import PROBLEMS, add_twin, encode_json
from wirethread.web.waiting import Change, ChangeKind, WaitingChanges, make_change

__all__ = ["add_corrections"]

_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsAnswer:
    """What people said, and what still waits."""

    corrections: Sequence[Correction]
    """Those in force, in the order in which they were said."""
    waiting: Sequence[Change]
    """What was asked for and is not done yet, or could not be."""
    are_allowed: bool
    """Whether corrections can be made here."""


def answer_corrections(
    ask: Ask,
    *,
    with_undone: Annotated[bool, Query(description="Those that were taken back, too.")] = False,
) -> CorrectionsAnswer:
    """What people said about the stories, and what still waits for a run to end."""
    waiting: WaitingChanges = ask.site.parts["waiting"]
    return CorrectionsAnswer(
        corrections=ask.catalog.corrections.load_corrections(active_only=not with_undone),
        waiting=waiting.list_changes(),
        are_allowed=ask.settings.allow_corrections,
    )


def view_corrections(ask: Ask, answer: CorrectionsAnswer) -> Mapping[str, Any]:
    """Return what the page draws beside the answer."""
    return {"person": ask.request.state.person}


async def read_form(request: Request) -> dict[str, str]:
    """Return a form or a JSON object of strings. Raises `ProblemError` for anything else."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            found = await request.json()
            if not isinstance(found, dict):
                raise ProblemError(422, "the body is no JSON object")
            return {str(k): str(v).strip() for k, v in found.items() if v is not None}
        if kind == "application/x-www-form-urlencoded":
            given = parse_qs(body.decode("utf-8"), max_num_fields=30)
            return {name: values[-1].strip() for name, values in given.items()}
    except ValueError as error:
        raise ProblemError(400, f"the body cannot be read: {error}") from error
    raise ProblemError(415, "send a form, or JSON")


def read_change(form: Mapping[str, str], person: str | None) -> Change:
    """Return what a form asks for. Raises `ProblemError` for what is missing."""
    kind = form.get("kind", "")
    if kind not in ChangeKind.ALL:
        raise ProblemError(422, f"kind: {kind!r} is none of {', '.join(ChangeKind.ALL)}")
    said_by = person or form.get("said_by", "")
    if not said_by:
        raise ProblemError(422, "said_by: say who you are")
    if not form.get("left"):
        raise ProblemError(422, "left: which article, story cluster or correction is meant?")
    if kind in (ChangeKind.TOGETHER, ChangeKind.APART) and not form.get("right"):
        raise ProblemError(422, "right: which other article or story cluster is meant?")
    if kind == ChangeKind.PIN_TITLE and not form.get("title"):
        raise ProblemError(422, "title: the title is empty")
    too_long = [name for name, words in form.items() if len(words) > _LONGEST]
    if too_long:
        raise ProblemError(422, f"{too_long[0]}: {_LONGEST} characters at most")
    return make_change(
        kind,
        form["left"],
        right=form.get("right") or None,
        title=form.get("title") or None,
        reason=form.get("reason", ""),
        said_by=said_by,
    )


def add_corrections(router: APIRouter, site: Site) -> None:
    """Add the page, its twin, and what changes something."""
    waiting: WaitingChanges = site.parts["waiting"]
    saved: SavedQueries = site.parts["saved"]
    add_twin(
        router,
        site,
        "/corrections",
        answer_corrections,
        template="corrections.html",
        model=CorrectionsAnswer,
        view=view_corrections,
    )

    def correction_rows(ask: Ask) -> Any:
        return to_table(ask.catalog.corrections.load_corrections(active_only=False), Correction)

    add_exports(router, site, "/corrections", correction_rows, name="corrections")

    def lead_back(path: str) -> Response:
        # what people wrote may hold letters that no header can carry
        location = quote(site.settings.root_path + path, safe="/?#&=%+;,:@~")
        return Response(status_code=303, headers={"location": location})

    def check_allowed() -> None:
        if not site.settings.allow_corrections:
            where = (
                "a shared archive is corrected on the machine that publishes there"
                if site.settings.is_shared
                else "start it with --allow-corrections"
            )
            raise ProblemError(403, f"this page is read-only: {where}")

    async def correct(request: Request) -> Response:
        """Ask for a correction; it is done as soon as no run is writing."""
        check_allowed()
        form = await read_form(request)
        change = await run_in_threadpool(waiting.add, read_change(form, request.state.person))
        if "application/json" in request.headers.get("content-type", ""):
            return Response(encode_json(change), status_code=202, media_type="application/json")
        back = form.get("back", "/corrections")
        is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
        return lead_back(back if is_ours else "/corrections")

    async def dismiss(request: Request) -> Response:
        """Take away a change that could not be done, or still waits."""
        check_allowed()
        form = await read_form(request)
        await run_in_threadpool(waiting.dismiss, form.get("change_id", ""))
        return lead_back("/corrections")

    async def save(request: Request) -> Response:
        """Save a query under a name, or forget it."""
        check_allowed()
        form = await read_form(request)
        name, sql = form.get("name", ""), form.get("sql", "")
        if not name or len(name) > 100:
            raise ProblemError(422, "name: 1 to 100 characters")
        if form.get("forget"):
            await run_in_threadpool(saved.forget, name)
            return lead_back("/sql")
        if not sql:
            raise ProblemError(422, "sql: the query is empty")
        await run_in_threadpool(saved.save, SavedQuery(name=name, sql=sql))
        return lead_back(f"/sql?{urlencode({'sql': sql})}")

    body = {
        "requestBody": {
            "required": True,
            "content": {
                media: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
                for media in ("application/x-www-form-urlencoded", "application/json")
            },
        }
    }
    unlikely: dict[int | str, dict[str, Any]] = {
        409: PROBLEMS[422],
        415: {**PROBLEMS[422], "description": "The body is no form and no JSON."},
    }
    for path, serve, name in (
        ("/corrections", correct, "correct"),
        ("/corrections/dismiss", dismiss, "dismiss"),
        ("/sql/save", save, "save_query"),
    ):
        router.add_api_route(
            path,
            serve,
            methods=["POST"],
            status_code=202,
            response_model=None,
            responses={
                202: {"description": "Kept, and done soon.", "model": Change},
                303: {"description": "Leads back to the page."},
                **PROBLEMS,
                **unlikely,
            },
            openapi_extra=body,
            name=name,
            operation_id=name,
            tags=["changes"],
        )
