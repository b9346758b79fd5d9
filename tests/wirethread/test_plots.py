"""Each plot shows its table, in files that need nothing from outside."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.wirethread.calling import call
from wirethread.articles.errors import NotFoundError
from wirethread.questions import query_sql
from wirethread.storage.answers.whole.plotted import PlotKind, load_table
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot

pytestmark = [
    pytest.mark.needs("altair"),
    pytest.mark.usefixtures("shown"),
    pytest.mark.filterwarnings("ignore"),
]

OUTSIDE = re.compile(r"(?:src|href)\s*=\s*[\"']https?://")


def list_plots(published: Path) -> dict[str, list[str]]:
    query = "SELECT thread_id FROM story_threads ORDER BY last_seen_at DESC, thread_id LIMIT 1"
    (thread,) = query_sql(published, query)
    (passage,) = query_sql(
        published, "SELECT passage_id FROM passages ORDER BY n_places DESC LIMIT 1"
    )
    return {
        "timeline": [thread["thread_id"]],
        "copying": [],
        "spread": [passage["passage_id"]],
        "agencies": [],
        "wire-share": [],
    }


@pytest.mark.parametrize("kind", ["timeline", "copying", "spread", "agencies", "wire-share"])
def test_a_plot_is_a_page_a_picture_and_a_table(kind: str, published: Path, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    asked = ("plot", kind, *list_plots(published)[kind])
    table = call(*asked, "--json").json()
    assert table["rows"]
    assert call(*asked).out.strip()
    page, picture, data = (tmp_path / f"{kind}.{form}" for form in ("html", "svg", "json"))
    for file in (page, picture, data):
        assert call(*asked, "--output", file).code == 0
    words = page.read_text(encoding="utf-8")
    assert not OUTSIDE.search(words)
    assert words.rpartition("<table>")[2].count("<tr>") == len(table["rows"]) + 1
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    with (tmp_path / f"{kind}.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(table["rows"])
    assert table["title"] in json.dumps(json.loads(data.read_text()), ensure_ascii=False)


def test_the_numbers_are_those_of_the_views(published: Path) -> None:
    agencies = call("plot", "agencies", "--json").json()["rows"]
    told = {
        (row["outlet"], row["agency"]): (row["n_with_wire"], row["wire_share"]) for row in agencies
    }
    view = "SELECT outlet, agency, n_with_wire AS n, wire_share FROM agency_outlets"
    assert told == {
        (row["outlet"], row["agency"]): (row["n"], pytest.approx(row["wire_share"], abs=1e-4))
        for row in query_sql(published, f"{view} WHERE n_with_wire > 0")
    }
    copying = call("plot", "copying", "--json").json()["rows"]
    assert all(row["from_outlet"] != row["to_outlet"] for row in copying)
    assert all(
        0 <= row["wire_share"] <= 1 for row in call("plot", "wire-share", "--json").json()["rows"]
    )


@pytest.mark.parametrize("kind", ["timeline", "copying", "spread", "agencies", "wire-share"])
def test_a_table_without_rows_has_the_columns_of_one_with_rows(kind: str, published: Path) -> None:
    import wirethread as wt
    from wirethread.plots.charts import write_csv, write_table
    from wirethread.python.plotting import Plot

    with wt.open(published) as archive:
        plot = getattr(archive.plot, kind.replace("-", "_"))(*list_plots(published)[kind])
        full = plot.table.arrow()
        assert full == pa.Table.from_pylist([dict(row) for row in plot.table])
        none = replace(plot._table, rows=[])
        empty = Plot(none).table
        assert (len(empty), empty.arrow().schema) == (0, full.schema)
        assert list(empty.df().columns) == full.column_names
        assert write_csv(none).strip().split(",") == full.column_names
        assert write_table(none).count("<th ") == full.num_columns
    if kind in {"copying", "agencies", "wire-share"}:
        asked = ("plot", kind, "--since", "2099-01-01")
        assert call(*asked).out.strip() == "no rows"
        assert call(*asked, "--json").json()["rows"] == []


def test_a_file_of_ones_own_beside_a_picture_is_never_written_over(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    picture, beside = tmp_path / "articles.svg", tmp_path / "articles.csv"
    beside.write_text("title,text\nA crane fell,The harbour stayed closed.\n", encoding="utf-8")
    told = call("plot", "agencies", "--output", picture)
    assert (told.code, picture.exists()) == (1, False)
    assert "articles.csv is there already" in told.err
    assert beside.read_text(encoding="utf-8").startswith("title,text\n")
    beside.unlink()
    for _ in range(2):
        assert call("plot", "agencies", "--output", picture).code == 0


def test_a_plot_of_one_outlet_is_about_it_alone(published: Path) -> None:
    import wirethread as wt

    outlet = "Halden Bay Tribune"
    with wt.open(published) as archive:
        assert {row["outlet"] for row in archive.plot.agencies(outlet=outlet.lower()).table} == {
            outlet
        }
        copying = archive.plot.copying(outlet=outlet).table
        assert copying
        assert all(outlet in {row["from_outlet"], row["to_outlet"]} for row in copying)
        for ask in (archive.plot.agencies, archive.plot.copying, archive.plot.wire_share):
            with pytest.raises(wt.NotFoundError, match=outlet):
                ask(outlet="Halden Bay Tribun")
            with pytest.raises(wt.ConfigError, match="outlet must be text"):
                ask(outlet=5)
    assert outlet in call("plot", "agencies", "--outlet", "Halden Bay Tribun").err


def test_a_passage_without_dated_places_is_still_there(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        catalog._database.execute(
            "INSERT INTO store.passages BY NAME"
            " SELECT 'p1' AS passage_id, 1.0 AS confidence, '' AS reason, 'r' AS run_id"
        )
        publish_snapshot(catalog)
    with Catalog.open_published(tmp_path) as catalog:
        assert load_table(catalog, PlotKind.SPREAD, "p1").rows == []
        with pytest.raises(NotFoundError):
            load_table(catalog, PlotKind.SPREAD, "p2")


def test_mistakes_are_told(tmp_path: Path) -> None:
    assert call("plot", "timeline").code == 2
    assert call("plot", "agencies", "t1").code == 2
    assert call("plot", "timeline", "t1", "--since", "today").code == 2
    assert "spread takes no --outlet" in call("plot", "spread", "p1", "--outlet", "AP").err
    assert call("plot", "spread", "nosuch").code == 3
    assert call("plot", "timeline", "nosuch").code == 3
    assert call("plot", "agencies", "--output", tmp_path / "x.gif").code == 2


def test_words_of_a_headline_are_never_a_script() -> None:
    pytest.importorskip("vl_convert")
    from wirethread.plots.charts import write_page
    from wirethread.storage.answers.whole.plotted import PlotKind, PlotTable

    headline = "</script><script>alert('mine')</script>"
    row = {
        "published_at": "2024-03-11",
        "outlet": headline,
        "headline": headline,
        "wire_share": 0.5,
    }
    page = write_page(PlotTable(kind=PlotKind.TIMELINE, title=headline, rows=[row]))
    assert "<script>alert('mine')" not in page
    assert "\\u003c/script>\\u003cscript>alert('mine')" in page
    assert "&lt;/script&gt;" in page


def test_an_open_archive_draws_the_same_plots(published: Path, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    import wirethread as wt

    with wt.open(published) as archive:
        plot = archive.plot.agencies(since="2024-03-12")
        printed = call("plot", "agencies", "--since", "2024-03-12", "--json").json()["rows"]
        assert [dict(row) for row in plot.table] == printed
        assert plot.chart.to_dict()["mark"] == {"type": "bar"}
        assert plot.save(tmp_path / "a.html") == [tmp_path / "a.html"]
        (thread, *_) = archive.stories(limit=1)
        assert len(archive.plot.timeline(thread.thread_id).table) == thread.n_articles
        assert archive.plot.copying().table
        assert archive.plot.wire_share(outlet="Halden Bay Tribune").table
