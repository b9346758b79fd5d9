"""`/agencies`: who takes how much from whom, over time, and how fast."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from wirethread.storage.answers.page.overviews import (
    AgencyDelay,
    AgencyOverview,
    AgencyShare,
    load_agency_overview,
)
from wirethread.web.api.exports import add_exports, to_table
from wirethread.web.drawing.heat import draw_days, heat_class
from wirethread.web.palette import Palette
from wirethread.web.site import Ask, Site
from wirethread.web.twins import add_twin

__all__ = ["add_agencies"]

AGENCIES_SHOWN = 10
OUTLETS_SHOWN = 40


def answer_agencies(ask: Ask) -> AgencyOverview:
    """Agencies: which outlets take how much from each, over time, and how fast they run it."""
    return ask.snapshot.make_once("agencies", load_agency_overview)


def view_agencies(ask: Ask, answer: AgencyOverview) -> Mapping[str, Any]:
    """Return the heat map's rows and columns, and the drawing of the days."""
    by_agency: dict[str, int] = {}
    by_outlet: dict[str, int] = {}
    for outlet in answer.outlets:
        by_agency[outlet.agency] = by_agency.get(outlet.agency, 0) + outlet.n_articles
        by_outlet[outlet.outlet] = by_outlet.get(outlet.outlet, 0) + outlet.n_articles
    agencies = sorted(by_agency, key=lambda name: (-by_agency[name], name))
    outlets = sorted(by_outlet, key=lambda name: (-by_outlet[name], name))
    cells = {(one.outlet, one.agency): one for one in answer.outlets}
    most = max([one.wire_share for one in answer.outlets], default=0.0)
    return {
        "agencies": agencies[:AGENCIES_SHOWN],
        "outlets": outlets[:OUTLETS_SHOWN],
        "n_outlets": len(outlets),
        "n_agencies": len(agencies),
        "cells": cells,
        "totals": by_agency,
        "heat": {key: heat_class(one.wire_share, most) for key, one in cells.items()},
        "days": draw_days(
            [(one.day, one.wire_share, one.n_articles) for one in answer.days],
            title="Share of the words of all outlets that is an agency's, day by day",
        ),
        "palette": Palette(agencies[:AGENCIES_SHOWN]),
    }


def add_agencies(router: APIRouter, site: Site) -> None:
    """Add the page, its twin and its files."""
    add_twin(
        router,
        site,
        "/agencies",
        answer_agencies,
        template="agencies.html",
        model=AgencyOverview,
        view=view_agencies,
    )

    def agency_rows(ask: Ask) -> Any:
        return to_table(answer_agencies(ask).outlets, AgencyShare)

    def delay_rows(ask: Ask) -> Any:
        return to_table(answer_agencies(ask).delays, AgencyDelay)

    add_exports(router, site, "/agencies", agency_rows, name="agencies")
    add_exports(router, site, "/agencies/delays", delay_rows, name="agency_delays")
