"""Lists as files: CSV, NDJSON, Parquet and Arrow, whole and with the names of the columns."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from fastapi import APIRouter, Request, Response

from wirethread.as_json import to_plain
from wirethread.exports.encoding import encode_table
from wirethread.web.api.columns import list_columns
from wirethread.web.site import Line, Site
from wirethread.web.twins import PROBLEMS, wear_signature

__all__ = ["FORMS", "add_exports", "encode_table", "to_table"]

MOST_ROWS = 1_000_000
FORMS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


def add_exports(
    router: APIRouter,
    site: Site,
    path: str,
    rows: Callable[..., pa.Table],
    *,
    name: str,
    line: Line = Line.PAGES,
) -> None:
    """Serve `rows(ask, **parameters)` at `path.FORM` in each form."""
    for form, media in FORMS.items():
        _add_form(router, site, path, rows, name=name, form=form, media=media, line=line)


def _add_form(
    router: APIRouter,
    site: Site,
    path: str,
    rows: Callable[..., pa.Table],
    *,
    name: str,
    form: str,
    media: str,
    line: Line,
) -> None:
    stem = path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "threads"
    headers = {"content-disposition": f'inline; filename="{stem}.{form}"'}

    async def as_file(request: Request, **values: Any) -> Response:
        return await site.answer(
            request, lambda ask: (encode_table(rows(ask, **values), form), media, headers), line
        )

    router.add_api_route(
        f"{path}.{form}",
        wear_signature(as_file, rows),
        methods=["GET"],
        response_model=None,
        responses={
            200: {"description": "All rows.", "content": {media.partition(";")[0]: {}}},
            **PROBLEMS,
        },
        name=f"{name}_{form}",
        operation_id=f"{name}_{form}",
        description=f"All rows as {form}, without a limit unless one is asked for.",
        tags=["files"],
    )


def to_table(records: Sequence[Any], kind: type[Any]) -> pa.Table:
    """Return records as a table; nested values keep their structure, empty lists their types."""
    return pa.table(
        {
            name: pa.array([_to_cell(getattr(record, name)) for record in records], type=column)
            for name, column in list_columns(kind).items()
        }
    )


def _to_cell(value: Any) -> Any:
    """Return a value that arrow knows; times stay times."""
    if hasattr(value, "isoformat"):
        return value
    if isinstance(value, Mapping):
        return json.dumps(to_plain(value), ensure_ascii=False)
    return to_plain(value)
