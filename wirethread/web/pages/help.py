"""`/help`: what the words mean, on one page, and `/sign-in` where a token is asked for."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from wirethread.web.guard import COOKIE
from wirethread.web.pages.corrections import read_form
from wirethread.web.problems import ProblemError
from wirethread.web.site import HTML, Ask, Site
from wirethread.web.twins import add_twin

__all__ = ["add_help"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswer:
    """What the words mean, and what is promised of the addresses."""

    terms: Sequence[Term]
    promises: Sequence[str]


TERMS = (
    ("article", "One published text of one outlet, in one version."),
    ("paragraph", "A piece of an article: body, heading, caption, credit or furniture. Only body"
     " paragraphs are compared."),
    ("wire credit", "A statement in an article that an agency supplied text or pictures. A picture"
     " credit is never evidence about text."),
    ("passage", "One piece of copy and every place where it ran, with its origin where times and"
     " credits tell."),
    ("word for word, edited, reworded", "How a place stands to the origin: the same words, the"
     " same words changed in part, or the same said in other words."),
    ("wholly, partly, no wire copy", "How much of the body of an article is an agency's."),
    ("by its credit alone", "The article says that an agency supplied the words, and they were"
     " found in no other article: nothing else proves it."),
    ("own words", "Words that stand in no other article here, or that others took from here."),
    ("story cluster", "Articles about one happening."),
    ("story thread", "Story clusters that follow from one another over days or weeks."),
    ("independent newsroom", "Who says something from a source of its own. Ten outlets that print"
     " one agency's text count once, with that agency; a publisher's editions count once."),
    ("outdated", "Words that an agency changed or withdrew after an outlet had printed them."),
    ("correction", "What a person said: together, apart, or this title. It outlives every run."),
    ("sure", "How sure the agency of a passage is, from the words that prove it."),
    ("run, publication", "A run reads, compares and publishes. A page shows one publication whole,"
     " and the next one as soon as it is there."),
)  # fmt: skip
PROMISES = (
    "Ids are permanent: an id that a story or passage once had leads to its present one.",
    "Fields and parameters keep their names and meanings; new ones may be added at any time.",
    "What is to change is announced in the notes of a release, one minor version ahead.",
    "`next` is opaque: pass it on as it is. It goes on behind the place where the list ended,"
    " without gap or repeat, whatever was published meanwhile above that place.",
    "An `ETag` changes when the answer may have, and only then: ask with `If-None-Match`.",
    "Errors are problem details (RFC 9457) with `type`, `title`, `status`, `detail`, `instance`.",
)


def answer_help(ask: Ask) -> HelpAnswer:
    """What the words mean, and what is promised of the addresses."""
    return HelpAnswer(
        terms=[Term(word=word, meaning=meaning) for word, meaning in TERMS],
        promises=PROMISES,
    )


def view_help(ask: Ask, answer: HelpAnswer) -> Mapping[str, Any]:
    """Return nothing more."""
    return {}


def add_help(router: APIRouter, site: Site) -> None:
    """Add the page, its twin, and the door for people with a token."""
    add_twin(
        router, site, "/help", answer_help, template="help.html", model=HelpAnswer, view=view_help
    )

    def show_sign_in(request: Request) -> Response:
        body = site.render("problem.html", {"ask": None, "problem": None})
        return Response(body, headers={"content-type": HTML, "cache-control": "no-store"})

    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        wanted = site.settings.token or ""
        if not wanted or not hmac.compare_digest(form.get("token", "").encode(), wanted.encode()):
            raise ProblemError(401, "this is not the token")
        response = Response(status_code=303, headers={"location": f"{site.settings.root_path}/"})
        response.set_cookie(
            COOKIE,
            wanted,
            max_age=30 * 86_400,
            httponly=True,
            samesite="strict",
            path=f"{site.settings.root_path}/",
            secure=request.url.scheme == "https",
        )
        return response

    router.add_api_route("/sign-in", show_sign_in, methods=["GET"], include_in_schema=False)
    router.add_api_route("/sign-in", sign_in, methods=["POST"], include_in_schema=False)
