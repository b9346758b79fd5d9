"""Damaged files of every format; `python -m tests.articles.mutating` reads as many as one likes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles.mutating import make_seeds, read_mutants
from tests.articles.paging import make_page
from wirethread.articles.pages.page import read_page
from wirethread.articles.records.ninjs import unfold_record
from wirethread.articles.records.record import read_record
from wirethread.articles.types.articles import RejectedArticle


def test_the_seeds_themselves_are_read_without_a_fault(tmp_path):
    from wirethread.articles.reading.reader import read_articles

    counts = {}
    for name, data in make_seeds().items():
        (tmp_path / name).write_bytes(data)
        found = list(read_articles(tmp_path / name))
        assert not [item.reason for item in found if isinstance(item, RejectedArticle)], name
        counts[name] = len(found)
    assert counts == {
        "a.jsonl": 5, "b.jsonl.gz": 5, "c.json": 2, "d.txt": 1, "e.csv": 4, "f.tsv.gz": 4, "g.csv": 4,
        "h.html": 1, "i.html": 1, "j.htm.gz": 1, "k.warc": 3, "l.warc.gz": 3, "m.parquet": 3,
        "n.json": 7, "o.csv": 4, "p.rss": 2, "q.nitf": 1, "r.xml": 1, "s.atom": 1, "t.iptc": 1, "u.xml.gz": 2,
        "v.txt": 1,
    }  # fmt: skip


def test_damaged_files_are_read_or_refused_with_a_reason():
    tally = read_mutants(260, seed=3)
    assert tally.n_files == 260
    assert tally.longest_seconds < 5
    assert tally.n_articles > 100
    assert tally.n_rejected > 100


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_twenty_thousand_damaged_files_end_soon_and_in_bounded_memory():
    tally = read_mutants(20_800, seed=7)
    assert tally.n_files == 20_800
    assert tally.longest_seconds < 10
    assert tally.peak_mebibytes < 1500


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
_NAMES = st.sampled_from(
    ["id", "title", "text", "url", "published_at", "authors", "outlet", "language", "html", "bodies",
     "headlines", "infosources", "associations", "ednote", "pubstatus", "body_html", "content_elements",
     "credits", "distributor", "publishing", "declared", "source", "byline", "altIds", "updated_at",
     "located", "canonical_url", "versionCreated", "bodyXhtml"]
)  # fmt: skip


@pytest.mark.heavy
@given(st.dictionaries(_NAMES, _VALUES, max_size=10))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_json_object_is_an_article_or_set_aside_with_a_reason(record):
    found = read_record({"title": "T", "text": "Words here.", **record}, "x:1")
    if isinstance(found, RejectedArticle):
        assert found.reason
    else:
        assert found.text


@given(st.dictionaries(_NAMES, _VALUES, max_size=8))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_unfolding_a_record_fails_only_with_a_reason(record):
    try:
        unfold_record(record)
    except ValueError as error:
        assert str(error)


@given(st.binary(max_size=400), st.integers(0, 2000))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_bytes_in_a_page_are_read_or_set_aside(soup, place):
    page = make_page().encode()
    place = min(place, len(page))
    found = read_page(page[:place] + soup + page[place:], url=None, source="x")
    assert json.dumps(found.reason if isinstance(found, RejectedArticle) else found.text)
