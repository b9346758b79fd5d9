"""Articles and passages in the forms of programs that look for reuse: passim, Label Studio.

passim (https://github.com/dasmiq/passim) reads a JSON object a document with `id`, `series` and
`text`, and writes one for every place of a passage with `cluster`, `size`, `begin`, `end` and the
fields of the document. Label Studio (https://labelstud.io/guide/predictions) imports a list of
tasks, here an article each, with labelled spans as predictions; offsets are characters, as ours.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from wirethread import __version__
from wirethread.articles.parsing.byline import HEAD_PARAGRAPHS
from wirethread.articles.records.exported import OWN_ID
from wirethread.exports.intake import make_record
from wirethread.storage.answers.whole.intake import stream_read_articles
from wirethread.storage.answers.whole.places import (
    stream_places_by_article,
    stream_places_by_passage,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.whole_file import draft_file

__all__ = ["REUSE_FORMS", "write_reuse"]


def list_passim_input(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield the documents that passim reads; the outlet is the series.

    What passim has no field for stands beside, as in `intake.jsonl`: it hands such fields on, and
    they are read back.
    """
    for row in stream_read_articles(catalog, HEAD_PARAGRAPHS, is_current=True):
        record = make_record(row)
        yield {
            "id": row["article_id"],
            "series": record.pop("outlet", None),
            "date": write_day(row["published_at"]),
            **{name: value for name, value in record.items() if name != "id"},
            OWN_ID: row["source_id"] or "",
        }


def list_passim_output(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield every place of every passage as passim writes it; clusters are numbered from 1."""
    rows = stream_places_by_passage(catalog)
    for number, (passage_id, places) in enumerate(groupby(rows, lambda row: row["passage_id"]), 1):
        for row in places:
            yield {
                "cluster": number,
                "size": row["n_places"],
                "uid": f"{row['article_id']}_{row['begin']}",
                "id": row["article_id"],
                "series": row["outlet"],
                "date": write_day(row["published_at"]),
                "begin": row["begin"],
                "end": row["end"],
                "title": row["headline"],
                "url": row["url"],
                "text": row["excerpt"],
                "passage_id": passage_id,
                "agency": row["agency"],
            }


def list_label_studio(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield a task an article that has passages, its spans labelled with their agency."""
    rows = stream_places_by_article(catalog)
    for article_id, places in groupby(rows, lambda row: row["article_id"]):
        spans = list(places)
        first = spans[0]
        yield {
            "data": {
                "text": first["text"],
                "article_id": article_id,
                "outlet": first["outlet"],
                "headline": first["headline"],
                "published_at": first["published_at"] and first["published_at"].isoformat() + "Z",
            },
            "predictions": [
                {
                    "model_version": f"wirethread {__version__}",
                    "result": [label_span(row, number) for number, row in enumerate(spans)],
                }
            ],
        }


def label_span(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a place as a labelled span; `shared` where the agency is not known."""
    return {
        "id": f"{row['passage_id']}-{number}",
        "from_name": "passage",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": row["begin"],
            "end": row["end"],
            "text": row["excerpt"],
            "labels": [row["agency"] or "shared"],
        },
        "score": row["confidence"],
        "meta": {
            "text": [part for part in (row["passage_id"], row["relation"], row["evidence"]) if part]
        },
    }


REUSE_FORMS = {
    "passim": list_passim_input,
    "passim-clusters": list_passim_output,
    "label-studio": list_label_studio,
}
"""By name of the form: what makes its records."""


def write_reuse(data: str | Path, file: Path, form: str) -> int:
    """Write the current articles or their passages in a form into a file; return the records.

    passim's are a JSON object a line, Label Studio's one list. The file appears when it is whole.
    """
    with (
        Catalog.open_published(data) as catalog,
        draft_file(file) as draft,
        draft.open("w", encoding="utf-8") as sink,
    ):
        records = REUSE_FORMS[form](catalog)
        return write_list(sink, records, as_list=form == "label-studio")


def write_list(sink: Any, records: Iterable[dict[str, Any]], *, as_list: bool) -> int:
    """Write records a line each, as one JSON list where that is asked for."""
    n_records = 0
    for record in records:
        if as_list:
            sink.write("[" if n_records == 0 else ",\n")
        plain = {name: value for name, value in record.items() if value is not None}
        sink.write(json.dumps(plain, ensure_ascii=False) + ("" if as_list else "\n"))
        n_records += 1
    if as_list:
        sink.write("]\n" if n_records else "[]\n")
    return n_records


def write_day(moment: Any) -> str | None:
    """Return a day as passim writes it."""
    return None if moment is None else f"{moment:%Y-%m-%d}"
