"""Every command that asks: the table that people read, and the JSON that programs read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flows.driving import sample_rows, write_lines
from tests.wirethread.calling import ROOT, call
from wirethread.flows.settings.config import Settings, load_settings

pytestmark = pytest.mark.usefixtures("shown")

N_ARTICLES = 65


def test_stories_lists_threads_those_seen_last_first() -> None:
    threads = call("stories", "--limit", "100", "--json").json()
    assert sum(one["n_articles"] for one in threads) == N_ARTICLES
    assert all(one["thread_id"].startswith("t") and one["title"] for one in threads)
    seen = [one["last_seen_at"] or "" for one in threads]
    assert seen == sorted(seen, reverse=True)

    table = call("stories", "--limit", "100")
    assert table.code == 0
    head, *lines = table.out.splitlines()
    assert head.split() == [
        "thread",
        "state",
        "days",
        "clusters",
        "articles",
        "outlets",
        "independent",
        "title",
    ]
    shown = [line.split()[0] for line in lines if line.startswith("t")]
    assert shown == [one["thread_id"] for one in threads]


def test_stories_takes_filters() -> None:
    assert len(call("stories", "--limit", "3", "--json").json()) == 3
    everything = call("stories", "--limit", "100", "--json").json()
    large = call("stories", "--limit", "100", "--min-articles", "3", "--json").json()
    told_apart = call("stories", "--limit", "100", "--min-newsrooms", "3", "--json").json()
    assert large == [one for one in everything if one["n_articles"] >= 3]
    independent = [one for one in everything if (one["n_independent_sources"] or 0) >= 3]
    assert told_apart == independent != []
    assert 0 < len(large) < len(everything)
    late = call("stories", "--limit", "100", "--since", "2024-03-13", "--json").json()
    assert late == [one for one in everything if (one["last_seen_at"] or "") >= "2024-03-13"]
    early = call("stories", "--limit", "100", "--until", "2024-03-12T00:00+00:00", "--json").json()
    assert early == [one for one in everything if (one["first_seen_at"] or "9") < "2024-03-12"]
    one_paper = call("stories", "--outlet", "abendblick", "--limit", "100", "--json").json()
    for thread in one_paper:
        articles = call("story", thread["thread_id"], "--json").json()["clusters"]
        outlets = {one["article"]["outlet"] for cluster in articles for one in cluster["articles"]}
        assert "Abendblick" in outlets
    n_papers = call(
        "sql", "SELECT count(*) AS n FROM articles WHERE outlet = 'Abendblick'", "--json"
    )
    assert 0 < len(one_paper) <= n_papers.json()[0]["n"]
    wire = call("stories", "--agency", "dpa", "--limit", "100", "--json").json()
    assert 0 < len(wire) < len(everything)
    assert call("stories", "--state", "closed", "--json").json() == []
    unknown = call("stories", "--outlet", "No Such Paper", "--json")
    assert (unknown.code, unknown.out) == (3, "")
    assert unknown.err == "wirethread: no article is of the outlet 'No Such Paper'\n"


def test_stories_lists_clusters_too() -> None:
    clusters = call("stories", "--clusters", "--limit", "100", "--json").json()
    assert sum(one["n_articles"] for one in clusters) == N_ARTICLES
    table = call("stories", "--clusters", "--limit", "100").out.splitlines()
    assert table[0].split()[:2] == ["story", "cluster"]
    assert [one["cluster_id"] for one in clusters] == [
        line.split()[0] for line in table if line.startswith("s") and not line.startswith("story ")
    ]


def test_story_shows_a_thread_with_its_clusters_articles_and_copy() -> None:
    thread = call("stories", "--min-articles", "4", "--limit", "1", "--json").json()[0]
    answer = call("story", thread["thread_id"], "--json").json()
    assert set(answer) == {"thread", "clusters"}
    assert answer["thread"]["summary"] == thread
    assert len(answer["clusters"]) == thread["n_clusters"]
    articles = [one for cluster in answer["clusters"] for one in cluster["articles"]]
    assert len(articles) == thread["n_articles"]

    table = call("story", thread["thread_id"])
    assert table.code == 0
    assert table.out.startswith(thread["title"])
    assert thread["thread_id"] in table.out
    for one in articles:
        assert one["article"]["article_id"] in table.out


def test_story_shows_a_cluster_and_takes_the_beginning_of_an_id() -> None:
    cluster = call("stories", "--clusters", "--min-articles", "3", "--limit", "1", "--json").json()[
        0
    ]
    whole = call("story", cluster["cluster_id"], "--json").json()
    assert whole["summary"] == cluster
    assert call("story", cluster["cluster_id"][:12], "--json").json() == whole
    table = call("story", cluster["cluster_id"]).out
    assert f"story cluster {cluster['cluster_id']}" in table


def test_article_shows_each_paragraph_with_its_source_and_the_proof() -> None:
    (row,) = sample_rows(["mp-quake-1"])
    found = call("article", "mp-quake-1", "--json").json()
    assert found["parsed"]["article"]["headline"] == row["title"]
    assert found["parsed"]["article"]["text"] == row["text"]
    assert found["summary"]["derivation"] == "wholly"
    assert set(found["agency_shares"]) == {"Reuters"}
    text = row["text"]
    paragraphs = found["paragraphs"]
    assert [one["paragraph"]["position"] for one in paragraphs] == list(range(len(paragraphs)))
    for paragraph in paragraphs:
        place = paragraph["paragraph"]
        assert text[place["begin"] : place["end"]] == place["text"]
    sourced = [one for one in paragraphs if one["sources"]]
    assert len(sourced) >= 8
    assert {source["agency"] for one in sourced for source in one["sources"]} == {"Reuters"}
    assert {one["article_id"] for one in paragraphs[2]["matches"]} >= {
        paragraphs[2]["sources"][0]["origin_article_id"]
    }

    table = call("article", "mp-quake-1")
    assert table.out.startswith(row["title"])
    told = " ".join(table.out.split())
    assert "wholly derived from wire copy: printed as Reuters's article" in told
    assert "traced: 100% from Reuters" in told
    assert "Reuters, word for word, from Reuters" in table.out
    assert "credit: Reuters as source (byline): “By Reuters”" in table.out


def test_article_is_found_by_id_beginning_source_id_and_url() -> None:
    whole = call("article", "mp-quake-1", "--json").json()
    article = whole["parsed"]["article"]
    for key in (article["article_id"], article["article_id"][:8], article["url"]):
        assert call("article", key, "--json").json() == whole


def test_similar_finds_passages_by_meaning_and_by_words() -> None:
    words = "Rescuers pulled an eight-year-old girl alive"
    found = call("similar", words, "--limit", "5", "--json").json()
    assert len(found) == 5
    assert "eight-year-old girl" in found[0]["hit"]["text"]
    by_words = call("similar", words, "--by", "words", "--limit", "3", "--json").json()
    assert all(one["similarity"] is None and one["word_score"] > 0 for one in by_words)
    by_meaning = call("similar", words, "--by", "meaning", "--limit", "3", "--json").json()
    assert all(one["word_score"] is None and one["similarity"] <= 1 for one in by_meaning)
    table = call("similar", words, "--limit", "2")
    assert table.out.split()[:5] == ["score", "meaning", "words", "published", "outlet"]
    assert found[0]["hit"]["article_id"] in table.out


def test_similar_takes_filters() -> None:
    one_paper = call("similar", "the earthquake", "--outlet", "meridian post", "--json").json()
    assert {one["hit"]["outlet"] for one in one_paper} == {"Meridian Post"}
    late = call("similar", "the earthquake", "--since", "2024-03-13", "--json").json()
    assert late
    assert all(one["hit"]["published_at"] >= "2024-03-13" for one in late)
    early = call("similar", "the earthquake", "--until", "2024-03-12", "--json").json()
    assert early
    assert all(one["hit"]["published_at"] < "2024-03-12" for one in early)


def test_similar_goes_on_where_a_part_ended(tmp_path: Path) -> None:
    asked = ("similar", "the earthquake", "--by", "words")
    whole = call(*asked, "--all", "--json").json()
    assert len(whole) > 12
    first = call(*asked, "--limit", "7", "--json")
    behind = call(*asked, "--limit", "5", "--offset", "7", "--json")
    assert [*first.json(), *behind.json()] == whole[:12]
    assert first.err.strip() == "1 to 7. The list goes on: --offset 7, or --all"
    assert call(*asked, "--offset", "9000").out == "The list ends before --offset 9000.\n"
    questions = tmp_path / "questions.txt"
    questions.write_text("the earthquake\n\n", encoding="utf-8")
    many = call("similar", "--from", questions, "--by", "words", "--offset", "7", "--json")
    lines = [json.loads(line) for line in many.out.splitlines()]
    assert lines[0]["passages"] == whole[7:17]
    assert [one["has_more"] for one in lines] == [len(whole) > 17, False]
    table = call("similar", "--from", questions, "--by", "words", "--limit", "2").out
    assert table.splitlines()[-1] == "1 to 2. The list goes on: --offset 2, or --all"


def test_similar_asks_every_line_of_a_file(tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("Rescuers pulled a girl alive\n\n  the festival  \n", encoding="utf-8")
    answer = call("similar", "--from", questions, "--limit", "2", "--json")
    assert answer.code == 0, answer.err
    lines = [json.loads(line) for line in answer.out.splitlines()]
    texts = [one["text"] for one in lines]
    assert texts == ["Rescuers pulled a girl alive", "", "the festival"]
    assert [len(one["passages"]) for one in lines] == [2, 0, 2]
    alone = call("similar", "the festival", "--limit", "2", "--json").json()
    assert lines[2]["passages"] == alone
    tables = call("similar", "--from", questions, "--limit", "2")
    assert tables.out.splitlines()[0] == "Rescuers pulled a girl alive"
    assert tables.out.count("supplied by") == 2


def test_similar_answers_a_program_line_by_line(shown: Path) -> None:
    program = [sys.executable, "-c", "from wirethread.cli import main; main()"]
    asked = [*program, "similar", "--from", "-", "--by", "words", "--limit", "1", "--json"]
    with subprocess.Popen(
        asked,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for words in ("earthquake", "rescuers", "\udcff"):
            process.stdin.buffer.write(words.encode("utf-8", "surrogateescape") + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())  # before the next is asked
            assert len(answer["passages"]) == (words.isascii())
        process.stdin.close()
        assert process.wait(60) == 0


def test_sql_answers_with_rows() -> None:
    query = "SELECT outlet, count(*) AS n FROM articles GROUP BY outlet ORDER BY n DESC, outlet"
    rows = call("sql", query, "--json").json()
    assert sum(row["n"] for row in rows) == N_ARTICLES
    lines = call("sql", query).out.splitlines()
    assert lines[0].split() == ["outlet", "n"]
    assert [line.rsplit(None, 1)[0].strip() for line in lines[1:]] == [
        row["outlet"] for row in rows
    ]
    assert call("sql", "SELECT 1 WHERE false").out.strip() == "no rows"
    assert call("sql", "SELECT 1 WHERE false", "--json").json() == []


def test_sql_gives_every_type_as_json() -> None:
    (row,) = call(
        "sql",
        "SELECT NULL AS a, [1, 2] AS b, DATE '2024-03-11' AS c, {'x': 1} AS d, 'nan'::DOUBLE AS e,"
        " TIMESTAMPTZ '2024-03-11 10:00:00+02' AS f, MAP {'k': 2} AS g, true AS h, 'é\"' AS i",
        "--json",
    ).json()
    assert row["f"].startswith("2024-03-11T08:00:00")
    del row["f"], row["g"]
    assert row == {
        "a": None,
        "b": [1, 2],
        "c": "2024-03-11",
        "d": {"x": 1},
        "e": None,
        "h": True,
        "i": 'é"',
    }


DOCUMENTED = [
    "articles",
    "paragraphs",
    "wire_credits",
    "passage_matches",
    "passages",
    "article_derivation",
    "duplicate_clusters",
    "story_clusters",
    "story_cluster_articles",
    "story_threads",
    "story_events",
    "links",
    "corrections",
    "rejected_articles",
    "runs",
]


@pytest.mark.parametrize("view", DOCUMENTED)
def test_sql_knows_the_documented_views(view: str) -> None:
    (row,) = call("sql", f"SELECT count(*) AS n FROM {view}", "--json").json()
    may_be_empty = view in ("corrections", "rejected_articles")
    assert (row["n"] > 0) != may_be_empty
    (note,) = call(
        "sql", f"SELECT comment FROM duckdb_views() WHERE view_name = '{view}'", "--json"
    ).json()
    assert note["comment"]


def test_config_prints_the_settings_in_force(hashing_config: Path) -> None:
    in_force = call("config", "--json").json()
    assert in_force["embedding"]["model"] == "hashing"
    assert yaml.safe_load(call("config").out) == in_force
    defaults = call("config", "--defaults")
    file = hashing_config.with_name("all.yaml")
    file.write_text(defaults.out, encoding="utf-8")
    assert load_settings(file) == Settings()


def test_evaluate_stories_scores_labelled_articles(tmp_path: Path) -> None:
    labels = {"ng-parking": "a", "neg-parking": "a", "tcs-cup": "b", "pvc-guide": "c"}
    rows = [{**row, "story": labels[row["id"]]} for row in sample_rows(labels)]
    file = write_lines(tmp_path / "labelled.jsonl", rows)
    result = call("evaluate", "stories", file, "--json").json()
    assert result["n_articles"] == 4
    assert result["scores"]["bcubed"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert result["scores"]["adjusted_rand"] == 1.0
    table = call("evaluate", "stories", file).out
    assert any(
        line.split() == ["B-cubed", "1.000", "1.000", "1.000"] for line in table.splitlines()
    )
    assert "4 articles (0 set aside), 3 labelled story clusters" in table


def test_evaluate_stories_shows_what_is_wrong(tmp_path: Path) -> None:
    rows = [{**row, "story": "one"} for row in sample_rows(["tcs-cup", "pvc-guide"])]
    result = call("evaluate", "stories", write_lines(tmp_path / "l.jsonl", rows), "--json").json()
    recall: dict[str, Any] = result["scores"]["bcubed"]
    assert (recall["precision"], recall["recall"]) == (1.0, 0.5)
    assert result["worst_splits"][0]["n_wrong_pairs"] == 1
    table = call("evaluate", "stories", tmp_path / "l.jsonl").out
    assert "worst splits:" in table
    assert "Creek Rovers reach county final" in table


def test_version_is_told() -> None:
    from wirethread import __version__

    assert call("--version").out.strip() == f"wirethread {__version__}"


def test_what_a_person_corrects_is_listed_and_can_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: Path
) -> None:
    import shutil

    shutil.copytree(published, tmp_path / "mine")
    monkeypatch.setenv("WIRETHREAD_DATA", str(tmp_path / "mine"))
    assert call("correct", "list", "--json").json() == []
    pair = ("ng-parking", "tcs-cup")
    before = [call("article", key, "--json").json()["cluster"]["cluster_id"] for key in pair]
    assert before[0] != before[1]
    said = call("correct", "join", *pair, "--why", "one council", "--by", "Ada", "--json").json()
    after = [call("article", key, "--json").json()["cluster"]["cluster_id"] for key in pair]
    assert after[0] == after[1]
    (listed,) = call("correct", "list", "--json").json()
    assert "Ada" in str(listed)
    contradiction = call("correct", "split", *pair)
    assert contradiction.code == 1
    assert contradiction.err.startswith("wirethread: ")
    undone = call("correct", "undo", said["correction"]["correction_id"])
    assert undone.code == 0
    assert call("correct", "list", "--json").json() == []
    again = [call("article", key, "--json").json()["cluster"] for key in pair]
    assert again[0]["cluster_id"] != again[1]["cluster_id"]
    assert {again[0]["cluster_id"], again[1]["cluster_id"]} & set(before)
