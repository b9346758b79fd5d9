"""Whether the day or the month stands first, told from a source as a whole."""

import csv
import json
from datetime import UTC, datetime

import pyarrow as pa
from pyarrow import parquet

from wirethread.articles.dates.order import DateOrder
from wirethread.articles.reading import ordering
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import Mark

TEXT = "The harbour council voted on Monday to repair the old lighthouse before winter comes."


def make_rows(*dates, **fields):
    return [
        {"id": str(n), "title": f"Lighthouse {n}", "text": TEXT, "date": date, **fields}
        for n, date in enumerate(dates)
    ]


def write(path, rows):
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix in (".csv", ".tsv"):
        with path.open("w", newline="") as stream:
            separator = "\t" if path.suffix == ".tsv" else ","
            writer = csv.DictWriter(stream, rows[0], delimiter=separator)
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read_days(path, **given):
    return [
        article.published_at and (article.published_at.month, article.published_at.day)
        for article in read_articles(path, **given)
    ]


def test_one_date_of_a_file_says_how_all_are_meant_in_every_form(tmp_path):
    for name in ("a.csv", "b.tsv", "c.jsonl", "d.json", "e.parquet"):
        day_first = write(tmp_path / name, make_rows("03/04/2024", "04/05/2024", "13/04/2024"))
        assert read_days(day_first) == [(4, 3), (5, 4), (4, 13)], name
        month_first = write(tmp_path / name, make_rows("03/04/2024", "04/05/2024", "04/13/2024"))
        assert read_days(month_first) == [(3, 4), (4, 5), (4, 13)], name


def test_where_the_dates_do_not_tell_there_is_none_and_it_is_marked(tmp_path):
    path = write(tmp_path / "a.jsonl", make_rows("03/04/2024", "04/05/2024"))
    found = list(read_articles(path))
    assert [article.published_at for article in found] == [None, None]
    assert [article.notes[Mark.DATE_UNREAD] for article in found] == ["03/04/2024", "04/05/2024"]
    assert read_days(path, order=DateOrder.MONTH_FIRST) == [(3, 4), (4, 5)]


def test_an_address_or_another_date_of_the_article_tells(tmp_path):
    by_address = make_rows("03/04/2024", url="https://kell.example/2024/04/03/light") + make_rows(
        "05/06/2024"
    )
    assert read_days(write(tmp_path / "a.jsonl", by_address)) == [(4, 3), (6, 5)]
    by_other = make_rows("03/04/2024", updated="2024-03-04T10:00:00Z") + make_rows("05/06/2024")
    assert read_days(write(tmp_path / "b.jsonl", by_other)) == [(3, 4), (5, 6)]


def test_language_and_country_tell_where_the_dates_do_not(tmp_path):
    french = make_rows("03/04/2024", language="fr")
    assert read_days(write(tmp_path / "a.jsonl", french)) == [(4, 3)]
    american = make_rows("03/04/2024", language="en-US")
    assert read_days(write(tmp_path / "b.jsonl", american)) == [(3, 4)]
    words = (
        "Der Hafenrat stimmte am Montag dafür, den alten Leuchtturm noch vor dem Winter zu erneuern,"
        " nachdem drei Ingenieure vor dem Einsturz gewarnt hatten."
    )
    german = [{**make_rows("03/04/2024")[0], "text": words}]
    assert read_days(write(tmp_path / "c.jsonl", german)) == [(4, 3)]


def test_papers_of_one_file_that_date_differently_are_each_read_their_own_way(tmp_path):
    rows = [
        *make_rows("13/04/2024", outlet="Kell Post"),
        *make_rows("04/13/2024", outlet="Holm News"),
        *make_rows("03/04/2024", outlet="Kell Post"),
        *make_rows("03/04/2024", outlet="Holm News"),
    ]
    assert read_days(write(tmp_path / "a.jsonl", rows)) == [(4, 13), (4, 13), (4, 3), (3, 4)]


def test_waiting_ends_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(ordering, "_MAX_WAITING", 3)
    dates = ["03/04/2024"] * 6 + ["13/04/2024", "03/04/2024"]
    days = read_days(write(tmp_path / "a.jsonl", make_rows(*dates)))
    assert days == [*[None] * 4, (4, 3), (4, 3), (4, 13), (4, 3)]


def test_articles_keep_their_order_and_none_is_lost_while_they_wait(tmp_path):
    dates = ["2024-01-01", "03/04/2024", "2024-01-02", "soon", None, "13/04/2024"]
    path = write(tmp_path / "a.jsonl", make_rows(*dates))
    path.write_text(path.read_text().replace('"soon"}', '"soon"}\n{broken', 1))
    found = list(read_articles(path))
    assert [article.source.rpartition(":")[2] for article in found] == list("1234567")
    assert found[1].published_at == datetime(2024, 4, 3, tzinfo=UTC)
