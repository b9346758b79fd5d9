"""Dates that lie ahead, and what a sender withholds: kept from sight until the day has come."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.flows.driving import fetch, hashing_settings, run_plainly
from wirethread.articles.records import dating
from wirethread.flows.intake import versions
from wirethread.sources.settings import SourceSettings

TEXT = "The harbour council voted on Monday to repair the old lighthouse before winter comes."
AHEAD = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)


class Later(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(days=30)


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"id": "ahead", "title": "Lighthouse to be lit", "date": AHEAD.isoformat()},
        {"id": "unread", "title": "Lighthouse lit", "date": "once"},
        {"id": "untitled", "date": "2024-01-02T10:00:00Z"},
        {"id": "good", "title": "Lighthouse burns", "date": "2024-01-02T11:00:00Z"},
    ]
    lines = [json.dumps({**row, "text": f"{TEXT} No {row['id']}.", "outlet": "K"}) for row in rows]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
    return tmp_path / "in"


def test_an_article_dated_ahead_is_kept_without_a_date_until_the_day_has_come(
    tmp_path, folder, monkeypatch
):
    data = tmp_path / "data"
    first = run_plainly([folder], hashing_settings(data))
    counts = [first.count("read", f"n_{name}") for name in ("new_articles", "undated", "untitled")]
    assert counts == [4, 2, 1]
    undated = "SELECT source_id FROM articles WHERE published_at IS NULL ORDER BY ALL"
    assert fetch(data, undated) == [("ahead",), ("unread",)]
    marks = "SELECT source_id, field, words FROM article_notes JOIN articles USING (article_id)"
    assert sorted(fetch(data, marks)) == [
        ("ahead", "mark:date_ahead", AHEAD.replace(tzinfo=None).isoformat(" ")),
        ("unread", "mark:date_unread", "once"),
        ("untitled", "mark:headline_made", "its first words"),
    ]
    assert run_plainly([folder], hashing_settings(data)).count("read", "n_dated") == 0
    monkeypatch.setattr(versions, "datetime", Later)
    then = run_plainly([folder], hashing_settings(data))
    assert (then.count("read", "n_dated"), then.count("read", "n_new_articles")) == (1, 0)
    dated = "SELECT published_at, published_precision FROM articles WHERE source_id = 'ahead'"
    assert fetch(data, dated) == [(AHEAD.replace(tzinfo=None), "second")]
    assert ("ahead",) not in fetch(data, "SELECT source_id FROM article_notes JOIN articles"
                                   " USING (article_id)")  # fmt: skip
    assert run_plainly([folder], hashing_settings(data)).count("read", "n_dated") == 0


def test_an_embargoed_item_is_read_when_its_sender_lets_it(tmp_path, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    item = {"uri": "urn:x:1", "type": "text", "headline": "Mill closes", "body_text": TEXT,
            "versioncreated": "2024-01-02T10:00:00Z", "embargoed": AHEAD.isoformat()}  # fmt: skip
    (folder / "a.json").write_text(json.dumps(item))
    picture = {**item, "uri": "urn:x:2", "type": "picture", "embargoed": None}
    (folder / "b.json").write_text(json.dumps(picture))
    data = tmp_path / "data"
    source = SourceSettings(name="wire", folder=str(folder), outlet="Kell")
    settings = hashing_settings(data, sources=(source,))
    for path in folder.iterdir():  # nobody writes them any more
        os.utime(path, (1_700_000_000, 1_700_000_000))
    run_plainly([], settings)
    assert fetch(data, "SELECT count(*) FROM articles") == [(0,)]
    reasons = {row[0] for row in fetch(data, "SELECT reason FROM rejected_articles")}
    assert reasons == {
        f"its sender withholds it until {AHEAD:%Y-%m-%d %H:%M} UTC (embargoed)",
        "it is a picture, not a text",
    }
    monkeypatch.setattr(dating, "datetime", Later)
    run_plainly([], settings)
    assert fetch(data, "SELECT headline FROM articles") == [("Mill closes",)]
