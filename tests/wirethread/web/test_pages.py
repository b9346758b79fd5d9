"""What the pages say, and that page and twin say the same."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import wirethread as wt
from tests.wirethread.calling import call
from wirethread.questions import list_stories, query_sql
from wirethread.web.drawing.words import format_figure

Find = Callable[[str, str], str]


def test_an_article_says_whose_words_it_carries_and_what_proves_it(
    client: TestClient, find_id: Find
) -> None:
    key = find_id("Meridian Post", "Anger grows")
    answer = client.get(f"/article/{key}.json").json()
    shares = {one["owner"]: round(one["share"], 2) for one in answer["shares"]}
    assert shares == {"Reuters": 0.54, "Meridian Post": 0.08, "not found elsewhere": 0.38}
    copied = [
        span
        for paragraph in answer["paragraphs"]
        for span in paragraph["spans"]
        if span["owner"] == "Reuters"
    ]
    assert copied[0]["relation"] == "verbatim"
    assert copied[0]["evidence"] == "OSTREL, Calvessa, March 12 (Reuters)"
    page = client.get(f"/article/{key}").text
    told = page[page.index("Of these words") :].partition("<")[0]
    assert told.startswith("Of these words 54% are Reuters’")
    assert "38% were not found elsewhere" in told
    assert "8% are Meridian Post’s own" in told
    assert "OSTREL, Calvessa, March 12 (Reuters)" in page


def test_the_spans_of_every_article_add_up_to_its_share_of_wire_copy(
    client: TestClient, published: Path
) -> None:
    rows = query_sql(published, "SELECT article_id, share FROM article_derivation")
    for row in rows:
        answer = client.get(f"/article/{row['article_id']}.json").json()
        spans = [span for one in answer["paragraphs"] for span in one["spans"]]
        total = sum(span["end"] - span["begin"] for span in spans)
        wire = sum(span["end"] - span["begin"] for span in spans if span["kind"] == "agency")
        assert wire / total == pytest.approx(row["share"], abs=0.005), answer["headline"]
        assert sum(one["share"] for one in answer["shares"]) == pytest.approx(1)


def test_spans_cover_every_body_paragraph_without_overlap(
    client: TestClient, find_id: Find
) -> None:
    answer = client.get(f"/article/{find_id('Tallow Creek Sentinel', 'Miracle')}.json").json()
    for paragraph in answer["paragraphs"]:
        if paragraph["kind"] != "body":
            assert paragraph["spans"] == []
            continue
        at = paragraph["begin"]
        for span in paragraph["spans"]:
            assert span["begin"] == at
            at = span["end"]
        assert at == paragraph["end"]


def test_an_article_that_does_not_credit_its_agency_is_said_not_to(
    client: TestClient, find_id: Find
) -> None:
    page = client.get(f"/article/{find_id('Southern Strait Times', 'Ostrel Valley hit')}").text
    assert "All of these words are Reuters’." in page
    assert "the article does not say so" in page


def test_a_story_groups_its_articles_by_independent_newsroom(
    client: TestClient, published: Path
) -> None:
    story = max(list_stories(published, limit=100), key=lambda one: one.n_articles)
    answer = client.get(f"/story/{story.thread_id}.json").json()
    assert answer["n_independent_sources"] == len(answer["newsrooms"])
    assert sum(len(one["articles"]) for one in answer["newsrooms"]) == answer["n_articles"]

    page = client.get(f"/story/{story.thread_id}").text
    n_dated = sum(one["published_at"] is not None for one in answer["articles"])
    assert len(re.findall(r'<circle class="ring', page)) == n_dated


def test_the_front_page_filters_and_goes_on_without_a_gap(client: TestClient) -> None:
    everything = client.get("/.json?limit=100").json()
    assert everything["next"] is None
    seen: list[str] = []
    word = None
    while True:
        more = f"&next={word}" if word else ""
        answer = client.get(f"/.json?limit=3{more}").json()
        seen += [one["thread_id"] for one in answer["threads"]]
        word = answer["next"]
        if word is None:
            break
    assert seen == [one["thread_id"] for one in everything["threads"]]
    few = client.get("/.json?min_newsrooms=2&agency=ap").json()
    assert few["threads"]
    assert all(one["n_independent_sources"] >= 2 for one in few["threads"])


def test_every_filter_that_is_offered_has_a_name_and_leads_to_its_threads(
    client: TestClient,
) -> None:
    front = client.get("/.json").json()
    for kind, name in (("agencies", "agency"), ("outlets", "outlet"), ("states", "state")):
        assert front[kind]
        for facet in front[kind]:
            assert facet["value"].strip()
            found = client.get("/.json", params={name: facet["value"]}).json()
            assert found["n_threads"] == facet["n_threads"] > 0


@pytest.mark.parametrize("least", [0, 1, 2, 3, 99])
def test_the_least_number_of_newsrooms_means_the_same_on_the_page_in_python_and_in_the_shell(
    client: TestClient, published: Path, least: int
) -> None:
    page = client.get(f"/.json?min_newsrooms={least}&limit=1000").json()["threads"]
    with wt.open(published) as archive:
        python = archive.stories(min_newsrooms=least, limit=1000)
    asked = ("--min-newsrooms", str(least), "--limit", "1000", "--json")
    shell = call("stories", "--data", published, *asked).json()
    ids = [one["thread_id"] for one in page]
    assert sorted(ids) == sorted(one.thread_id for one in python)
    assert sorted(ids) == sorted(one["thread_id"] for one in shell)
    assert all((one["n_independent_sources"] or 0) >= least for one in page)
    assert bool(ids) == (least < 99)


def test_a_comparison_marks_what_differs_on_both_sides(client: TestClient, find_id: Find) -> None:
    left = find_id("Meridian Post", "Anger grows")
    right = find_id("Reuters", "Girl, 8")
    answer = client.get(f"/compare/{left}/{right}.json").json()
    assert {one["relation"] for one in answer["passages"]} == {"verbatim", "edited"}
    assert answer["order"] == "Reuters ran first."
    page = client.get(f"/compare/{left}/{right}").text
    assert "<del>About</del>" in page
    assert "<ins>Some</ins>" in page


def test_two_articles_without_shared_copy_can_be_compared_too(
    client: TestClient, find_id: Find
) -> None:
    left = find_id("Meridian Post", "Anger grows")
    right = find_id("AP", "Fire destroys")
    answer = client.get(f"/compare/{left}/{right}.json").json()
    assert answer["verdict"].startswith("No shared copy")
    assert answer["why"]["passages"][0]["rules"]
    assert answer["why"]["story_verdict"] is None
    told = client.get(f"/compare/{left}/{right}.json", params={"why": True}).json()["why"]
    assert "two story clusters" in told["story_verdict"]
    assert told["passages"] == answer["why"]["passages"]


def test_a_search_shows_the_place_where_a_passage_ran_first(client: TestClient) -> None:
    text = "Some 6,200 people have lost their homes, according to a first count"
    answer = client.get("/search.json", params={"text": text, "by": "words"}).json()
    assert answer["groups"][0]["first"]["outlet"] == "Reuters"
    assert answer["groups"][0]["agency"] == "Reuters"


def test_what_was_measured_of_a_place_is_not_told_of_one_with_other_words(
    client: TestClient,
) -> None:
    text = "Some 6,200 people have lost their homes, according to a first count"
    answer = client.get("/search.json", params={"text": text, "by": "words"}).json()
    scores_of: dict[str, set[float | None]] = {}
    for group in answer["groups"]:
        for place in group["places"]:
            scores_of.setdefault(place["text"], set()).add(place["word_score"])
    measured = [scores - {None} for scores in scores_of.values()]
    assert max(map(len, measured)) == 1
    assert {None} in scores_of.values()


def test_a_search_is_sorted_by_the_score_that_it_shows(client: TestClient) -> None:
    asked = {"text": "earthquake rescuers", "by": "words", "limit": "20"}
    groups = client.get("/search.json", params=asked).json()["groups"]
    scores = [one["score"] for one in groups]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] < scores[0] <= 1
    page = client.get("/search", params=asked).text
    shown = re.findall(r">score (\d\.\d\d)<", page)
    assert shown == [f"{score:.2f}" for score in scores]


def test_a_passage_lists_its_places_in_the_order_of_time(
    client: TestClient, published: Path
) -> None:
    rows = query_sql(published, "SELECT passage_id FROM passages ORDER BY n_places DESC LIMIT 1")
    answer = client.get(f"/passage/{rows[0]['passage_id']}.json").json()
    times = [one["published_at"] for one in answer["places"]]
    assert times == sorted(times)
    assert answer["order"] == f"{answer['origin_outlet']} ran it first."


def test_who_has_the_page_already_is_told_so(client: TestClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", ["/article/nothing.json", "/story/nothing.json"])
def test_an_unknown_id_is_a_problem_in_one_shape(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "instance"}


def test_a_form_that_nobody_filled_in_is_no_mistake(client: TestClient) -> None:
    everything = client.get("/.json").json()
    asked = "agency=&outlet=&state=&since=&until=&min_newsrooms=&min_articles="
    assert client.get(f"/.json?{asked}").json() == everything
    assert client.get(f"/?{asked}").status_code == 200


def test_a_beginning_of_an_id_leads_to_the_whole_one_for_good(client: TestClient) -> None:
    thread = client.get("/.json?sort=copied").json()["threads"][0]["thread_id"]
    for form in ("", ".json", ".csv"):
        answer = client.get(f"/story/{thread[:10]}{form}?limit=3", follow_redirects=False)
        assert answer.status_code == 301
        assert answer.headers["location"] == f"/story/{thread}{form}?limit=3"


def test_one_row_with_millions_of_values_is_refused_before_a_page_is_made(
    client: TestClient,
) -> None:
    for sql in ("SELECT list(range) AS n FROM range(4000000)", "SELECT repeat('x', 20000000) AS x"):
        for path in ("/sql", "/sql.json"):
            refused = client.get(path, params={"sql": sql})
            assert refused.status_code == 422
            assert "more than 16 MiB: ask for less" in refused.text
    some = client.get("/sql.json", params={"sql": "SELECT range AS n FROM range(5000)"}).json()
    assert len(some["rows"]) == some["max_rows"] == 1000
    assert some["truncated"]


def test_a_figure_that_rounds_to_nothing_has_no_sign() -> None:
    assert [format_figure(value, 3) for value in (-0.0002, 0.0, -0.0006, 1.25)] == [
        "0.000",
        "0.000",
        "-0.001",
        "1.250",
    ]


def test_reasons_are_read_without_the_ids_of_articles(client: TestClient, find_id: Find) -> None:
    key = find_id("Northmoor Gazette", "Bells toll")
    story = client.get(f"/article/{key}.json").json()["story"]["thread_id"]
    told = [
        one["reason"]
        for room in client.get(f"/story/{story}.json").json()["newsrooms"]
        for one in room["articles"]
    ]
    (with_id,) = {one for one in told if one.endswith("(19bb0c374da5362cd7b0)")}
    page = client.get(f"/story/{story}").text
    assert with_id.removesuffix(" (19bb0c374da5362cd7b0)") in html.unescape(page)
    assert "(19bb0c374da5362cd7b0)" not in page


def test_the_history_of_a_story_says_what_each_event_is_about(client: TestClient) -> None:
    story = max(client.get("/.json").json()["threads"], key=lambda one: one["n_articles"])
    answer = client.get(f"/story/{story['thread_id']}.json").json()
    titles = {one["cluster_id"]: one["title"] for one in answer["clusters"]}
    page = client.get(f"/story/{story['thread_id']}").text
    shown = re.findall(r"<td>(?:<a [^>]*>)?([^<]*)(?:</a>)?</td>", page[page.index("history") :])
    wanted = [titles.get(one["subject_id"], "the whole") for one in answer["events"]]
    assert [html.unescape(one) for one in shown[1::3]] == wanted
    assert set(titles.values()) < {*wanted}


def test_a_problem_is_told_in_a_sentence_and_without_a_page_as_json(client: TestClient) -> None:
    page = client.get("/article/nothing", headers={"accept": "text/html"}).text
    assert '<p class="lead">No article has the id nothing.</p>' in page
    foot = page[page.index("<footer") :]
    assert '<p><a href="/runs">' in foot and "JSON" not in foot


def test_each_text_of_a_comparison_says_whose_it_is(client: TestClient, find_id: Find) -> None:
    left = find_id("Northmoor Gazette", "Bells toll")
    right = find_id("AP", "Joy and funerals")
    page = client.get(f"/compare/{left}/{right}").text
    assert re.findall(r'data-of="([^"]*)"', page[page.index("pair same") :])[:2] == [
        "Northmoor Gazette",
        "AP",
    ]


def test_the_copy_of_a_story_is_that_of_its_passages_and_places(
    client: TestClient, published: Path
) -> None:
    for thread in client.get("/.json?limit=50").json()["threads"]:
        answer = client.get(f"/story/{thread['thread_id']}.json").json()
        inside = [one["article_id"] for one in answer["articles"]]
        ways = query_sql(
            published,
            "SELECT p.origin_article_id AS origin_id, m.article_id, p.agency,"
            ' count(*) AS n_passages, sum(m."end" - m."begin")::BIGINT AS n_characters'
            " FROM passage_places m JOIN passages p USING (passage_id)"
            " WHERE list_contains($1, m.article_id) AND list_contains($1, p.origin_article_id)"
            " AND p.origin_article_id <> m.article_id GROUP BY ALL"
            " ORDER BY n_characters DESC, origin_id, m.article_id, p.agency",
            [inside],
        )
        assert answer["copies"] == [dict(row) for row in ways]
        widest = query_sql(
            published,
            "SELECT passage_id, count(*) AS n_places FROM passage_places"
            " WHERE list_contains($1, article_id) GROUP BY passage_id"
            " HAVING count(DISTINCT article_id) > 1 ORDER BY n_places DESC,"
            ' max("end" - "begin") DESC, passage_id LIMIT 12',
            [inside],
        )
        shown = [(one["passage_id"], one["n_places"]) for one in answer["passages"]]
        assert shown == [(row["passage_id"], row["n_places"]) for row in widest]
