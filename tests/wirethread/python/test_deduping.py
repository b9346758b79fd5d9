"""`wirethread.dedupe`: what is kept, what is left out, of which text it is a copy, and why."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wirethread as wt

QUAKE = (
    "A strong earthquake shook the valley before dawn on Monday, bringing down houses in four"
    " villages and killing at least 26 people, officials of the province said, as rescuers dug"
    " through the rubble with their hands and waited for heavy machines to reach them."
)
EDITED = QUAKE.replace("at least 26 people", "at least 26 people, two of them children")
OTHER = (
    "The central bank held its main rate for the third month in a row on Monday and said that it"
    " would wait for figures on wages, due at the end of the month, before it thought of a cut."
)
RECORDS = [
    {"id": 1, "text": QUAKE},
    {"id": 2, "text": OTHER},
    {"id": 3, "text": EDITED},
    {"id": 4, "text": QUAKE.upper()},
    {"id": 5, "text": QUAKE},
    {"id": 6, "text": ""},
    {"id": 7, "text": None},
]


def test_each_copy_is_told_with_the_one_that_is_kept_the_score_and_why() -> None:
    result = wt.dedupe(RECORDS, threshold=0.7)
    assert [record["id"] for record in result.kept] == [1, 2, 6, 7]
    assert [(one.record["id"], one.kept["id"], one.reason) for one in result.dropped] == [
        (3, 1, "75% of all runs of 5 words stand in both"),
        (4, 1, "the same words, written otherwise"),
        (5, 1, "the same text"),
    ]
    assert [one.score for one in result.dropped] == [0.75, 1.0, 1.0]
    assert result.kept[0] is RECORDS[0]
    assert result.duplicate_share == pytest.approx(3 / 7)


def test_another_threshold_needs_no_new_run(monkeypatch: pytest.MonkeyPatch) -> None:
    result = wt.dedupe(RECORDS)
    monkeypatch.setattr("wirethread.python.deduping.find_like_texts", None)
    stricter = result.rethreshold(0.9)
    assert [record["id"] for record in stricter.kept] == [1, 2, 3, 6, 7]
    assert len(result.kept) == 4
    assert stricter.rethreshold(0.7).kept == result.kept
    with pytest.raises(wt.ConfigError, match="not 'much'"):
        wt.dedupe(["a"], threshold="much")  # type: ignore[arg-type]
    with pytest.raises(wt.ConfigError, match=r"threshold must be 0\.3 to 1, not 0\.1"):
        result.rethreshold(0.1)


def test_pairs_are_told_the_most_alike_first() -> None:
    pairs = wt.dedupe(RECORDS).pairs
    assert [(one.left_position, one.right_position, one.score) for one in pairs] == [
        (0, 3, 1.0),
        (0, 4, 1.0),
        (0, 2, 0.75),
    ]


def test_the_longest_copy_is_kept_where_it_is_preferred() -> None:
    result = wt.dedupe(RECORDS, prefer="longest")
    assert [record["id"] for record in result.kept] == [2, 3, 6, 7]
    assert {one.kept["id"] for one in result.dropped} == {3}


def test_texts_alone_will_do() -> None:
    result = wt.dedupe([QUAKE, OTHER, QUAKE])
    assert result.kept == [QUAKE, OTHER]
    assert result.dropped[0].position == 2


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist])
def test_rows_of_a_frame_are_records(frame: object) -> None:
    result = wt.dedupe(frame(RECORDS[:6]))  # type: ignore[operator]
    assert [record["id"] for record in result.kept] == [1, 2, 6]
    assert result.dropped.pl()["kept_position"].to_list() == [0, 0, 0]
    assert '"id": 3' in result.dropped.df()["record"][0]


def test_the_text_is_where_the_key_says() -> None:
    records = [{"words": QUAKE}, {"words": EDITED}, {"words": OTHER}]
    for key in ("words", lambda record: record["words"]):
        assert wt.dedupe(records, key=key).kept == [records[0], records[2]]  # type: ignore[arg-type]


def test_html_is_read_as_words() -> None:
    records = [{"body": f"<p>{QUAKE}</p><p>{OTHER}</p>"}, {"content": f"{QUAKE}\n\n{OTHER}"}]
    assert wt.dedupe(records).dropped[0].score == 1.0


@pytest.mark.parametrize(
    ("records", "given", "words"),
    [
        ([{"title": "x"}], {}, "record 0: it has no text"),
        ([{"a": QUAKE}], {"key": "b"}, "record 0 has no field 'b'; it has a"),
        ([QUAKE, 3], {}, "record 1 is int, not a text or dict"),
        ([{"text": 3}], {"key": "text"}, "record 0: its text is int, not a string"),
        (QUAKE, {}, "a list of texts or dicts, or a frame, not str"),
    ],
)
def test_what_has_no_text_is_refused(records: object, given: dict[str, str], words: str) -> None:
    with pytest.raises(wt.SourceError, match=words):
        wt.dedupe(records, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [{"threshold": 1.2}, {"threshold": 0}, {"prefer": "best"}])
def test_what_cannot_be_set_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(wt.ConfigError, match="must be"):
        wt.dedupe(RECORDS, **given)  # type: ignore[arg-type]
