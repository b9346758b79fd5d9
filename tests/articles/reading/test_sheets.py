from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from wirethread.articles.errors import SourceError
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import RejectedArticle, TimePrecision


def read(path, content, **given):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_articles(path, **given))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_of_a_table_is_told_from_its_header(tmp_path, mark):
    rows = [["title", "text", "published_at"], ["Bridge", '"It reopened.\n\nTraffic was light."', "2024-05-31"]]  # fmt: skip
    (found,) = read(tmp_path / "a.csv", "\n".join(mark.join(row) for row in rows))
    assert (found.title, found.text) == ("Bridge", "It reopened.\n\nTraffic was light.")
    assert found.published_at == datetime(2024, 5, 31, tzinfo=UTC)
    assert found.source == f"{tmp_path / 'a.csv'}:2"


def test_columns_of_other_names_are_mapped(tmp_path):
    content = "kop,inhoud,title\nBrug open,De brug is weer open.,ignored\n"
    (found,) = read(
        tmp_path / "a.csv", content, columns={"title": "kop", "text": "inhoud"}, outlet="Haven"
    )
    assert (found.title, found.text, found.outlet) == (
        "Brug open",
        "De brug is weer open.",
        "Haven",
    )


def test_a_mapping_that_does_not_fit_names_the_columns_there_are(tmp_path):
    with pytest.raises(SourceError, match="no column 'Body'; the columns are: title, text"):
        read(tmp_path / "a.csv", "title,text\na,b\n", columns={"text": "Body"})
    with pytest.raises(SourceError, match="'titel' is no field of an article"):
        read(tmp_path / "a.csv", "title,text\na,b\n", columns={"titel": "title"})
    with pytest.raises(SourceError, match="the columns are: x, y"):
        read(tmp_path / "a.csv", "x,y\na,b\n")


def test_a_quotation_mark_that_never_closes_costs_one_row(tmp_path):
    found = read(tmp_path / "a.csv", 'title,text\nA,One.\nB,"Two.\nC,Three.\nD\nE,Five.\n')
    assert [getattr(item, "title", None) for item in found] == ["A", None, "C", None, "E"]
    assert [item.reason for item in found if isinstance(item, RejectedArticle)] == [
        "a quotation mark in the row is never closed, or a cell is too long",
        "the row has 1 cells, but the header 2",
    ]


def test_tables_of_other_encodings_and_with_nul_characters_are_read(tmp_path):
    table = "title,text\nCafé,Un café.\n"
    for number, content in enumerate(
        (b"\xef\xbb\xbf" + table.encode(), table.encode("cp1252"), table.encode("utf-16"),
         table.encode().replace(b"Un", b"U\0n"))
    ):  # fmt: skip
        (found,) = read(tmp_path / f"{number}.csv", content)
        assert (found.title, found.text) == ("Café", "Un café.")


def test_parquet_is_read_with_its_times_and_mapping(tmp_path):
    path = tmp_path / "a.parquet"
    when = pa.array([1717150000123456789, None], pa.timestamp("ns", tz="UTC"))
    table = {"h": ["A", "B"], "text": ["One.", None], "when": when, "vector": [[1.0], [2.0]]}
    parquet.write_table(pa.table(table), path)
    first, second = read_articles(path, columns={"title": "h", "published_at": "when"})
    assert first.published_at == datetime(2024, 5, 31, 10, 6, 40, 123456, tzinfo=UTC)
    assert first.published_precision is TimePrecision.SECOND
    assert (second.source, second.reason) == (f"{path}:2", "it has no text")


def test_what_is_no_parquet_file_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no Parquet file"):
        read(tmp_path / "a.parquet", b"PAR1 nothing PAR1")
