"""Articles and passages as other programs take them, and back again."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import hashing_settings, run_plainly, write_lines
from tests.wirethread.calling import call
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.records.record import read_record
from wirethread.articles.types.articles import ParsedArticle, SourceArticle
from wirethread.exports.intake import list_intake
from wirethread.exports.news_forms import to_ans, to_ninjs
from wirethread.exports.reuse_forms import list_passim_input
from wirethread.questions import query_sql
from wirethread.storage.answers.article import get_article
from wirethread.storage.catalog import Catalog

SCHEMAS = Path(__file__).parent / "schemas"


def list_faults(name: str, item: dict[str, Any]) -> list[Any]:
    """Return what a published schema says against an article."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    kind = jsonschema.Draft202012Validator
    return list(kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(item))


def list_ids(published: Path) -> list[str]:
    return [row["article_id"] for row in query_sql(published, "SELECT article_id FROM articles")]


@pytest.mark.usefixtures("shown")
def test_every_article_is_valid_ninjs(published: Path) -> None:
    for article_id in list_ids(published)[:30]:
        item = call("article", article_id, "--as", "ninjs").json()
        assert list_faults("ninjs-schema_3.1.json", item) == []
    assert list_faults("ninjs-schema_3.1.json", {**item, "agency": "AP"}), "it refuses others"


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("no address", None),
        ("https://bay.example/a b?x=<1>&y=%20", "https://bay.example/a%20b?x=%3C1%3E&y=%20"),
        ("https://bay.example/häfen", "https://bay.example/h%C3%A4fen"),
    ],
)
def test_an_address_is_one_of_the_web_in_the_letters_of_a_uri(
    published: Path, url: str, uri: str | None
) -> None:
    with Catalog.open_published(published) as catalog:
        found = get_article(catalog, list_ids(published)[0])
    article = replace(found.parsed.article, url=url)
    detail = replace(found, parsed=replace(found.parsed, article=article))
    assert to_ninjs(detail, {})["uri"] == (uri or f"urn:wirethread:article:{article.article_id}")
    assert to_ans(detail, {}).get("canonical_url") == uri


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("form", ["ninjs", "ans"])
def test_an_article_keeps_its_words_and_agency_on_the_way(
    form: str, published: Path, tmp_path: Path
) -> None:
    query = (
        "SELECT a.article_id, headline, outlet, s.agency, published_at FROM articles a"
        " JOIN article_agency_shares s USING (article_id) ORDER BY share DESC, article_id LIMIT 1"
    )
    (row,) = query_sql(published, query)
    item = call("article", row["article_id"], "--as", form).json()
    assert row["agency"] in json.dumps(item["infoSources" if form == "ninjs" else "distributor"])
    file = tmp_path / "item.json"
    file.write_text(json.dumps(item), encoding="utf-8")
    (back,) = read_articles(file)
    assert isinstance(back, SourceArticle)
    assert back.title == row["headline"]
    assert back.published_at is not None
    assert back.published_at.replace(tzinfo=None) == row["published_at"]
    assert row["agency"] in " ".join(back.declared_credits.values())


def list_credits(parsed: ParsedArticle) -> set[tuple[str, str]]:
    return {(credit.agency, credit.role.value) for credit in parsed.credits}


def read_back(record: dict[str, Any]) -> ParsedArticle:
    read = read_record(json.loads(json.dumps(record)), "file:1")
    assert isinstance(read, SourceArticle)
    parsed = parse_article(read)
    assert isinstance(parsed, ParsedArticle)
    return parsed


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles that say in fields, notes and days what the forms have few places for."""
    text = "The council of Linden Pass voted on Monday to keep the old bridge open until spring."
    rows = [
        {"id": "ninjs", "url": "https://a.example/1", "outlet": "Paper", "type": "text",
         "headlines": [{"role": "main", "value": "Bridge stays"}], "by": "Ann Lee and Reuters",
         "bodies": [{"role": "main", "contentType": "text/plain", "value": text}],
         "firstCreated": "2024-03-11T10:00:00Z", "edNote": "Corrects the day",
         "pubStatus": "canceled",
         "infosources": [{"name": "AFP"}, {"name": "Getty Images", "role": "photographer"}]},
        {"id": "2024/11", "outlet": "Coast", "title": "Bridge to stay", "text": f"{text} So it is.",
         "published_at": "2024-03-11", "authors": ["Gideon Frost", "The Associated Press"],
         "slug": "bridge"},
        {"outlet": "No Identity", "title": "Bridge, again", "text": f"{text} Nobody was glad.",
         "published_at": "2024-03-12T10:00:00Z", "updated_at": "2024-03-12T11:00:00Z",
         "distributor": {"name": "dpa", "category": "wires"}, "content_elements": [
             {"type": "text", "content": f"{text} Nobody was glad."}]},
        {"id": 4, "url": "https://d.example/h\u00e4fen?a=1", "outlet": "Hafen", "title": "Br\u00fccke",
         "text": f"LINDEN PASS, March 11 (Reuters) - {text}", "agency": "Bloomberg",
         "associations": {"main": {"type": "picture", "byline": "Photo: Jo/AP"}}},
    ]  # fmt: skip
    data = tmp_path_factory.mktemp("told")
    run_plainly([write_lines(data / "in.jsonl", rows)], hashing_settings(data / "data"))
    return data / "data"


@pytest.mark.parametrize("archive", ["published", "told"])
def test_every_article_is_valid_in_both_forms(archive: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(archive)
    with Catalog.open_published(folder) as catalog:
        kept = {one: get_article(catalog, one) for one in list_ids(folder)}
        notes = catalog.notices.load_notes(kept)
    for key, detail in kept.items():
        story = to_ans(detail, notes.get(key, {}))
        assert list_faults("ans-story-parts_0.10.9.json", story) == []
        item = to_ninjs(detail, notes.get(key, {}))
        assert list_faults("ninjs-schema_3.1.json", item) == []
    for wrong in (
        {"agency": "AP"},
        {"publish_date": "yesterday"},
        {"distributor": {"category": "agency"}},
        {"content_elements": [{"type": "text", "content": "words", "level": 2}]},
        {"credits": {"by": [{"name": "Ann Lee"}]}},
    ):
        assert list_faults("ans-story-parts_0.10.9.json", {**story, **wrong})


@pytest.mark.parametrize("form", ["intake", "passim", "ninjs", "ans"])
@pytest.mark.parametrize("archive", ["published", "told"])
def test_an_archive_reads_back_what_it_hands_on(
    form: str, archive: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(archive)
    with Catalog.open_published(folder) as catalog:
        kept = {one: get_article(catalog, one) for one in list_ids(folder)}
        notes = catalog.notices.load_notes(kept)
        records = {
            "intake": lambda: list_intake(catalog),
            "passim": lambda: list_passim_input(catalog),
            "ninjs": lambda: (to_ninjs(one, notes.get(key, {})) for key, one in kept.items()),
            "ans": lambda: (to_ans(one, notes.get(key, {})) for key, one in kept.items()),
        }[form]()
        back = [read_back(record) for record in records]
    assert len(back) == len(kept)
    by_name = {
        (one.parsed.article.outlet, one.parsed.article.headline): one for one in kept.values()
    }
    for parsed in back:
        before = by_name[parsed.article.outlet, parsed.article.headline].parsed
        lost = {"article_id", "text", "dateline"} if form == "ans" else set()
        for name in {field.name for field in fields(parsed.article)} - lost - {"source"}:
            assert getattr(parsed.article, name) == getattr(before.article, name), name
        assert list_credits(parsed) == list_credits(before), before.article.headline
        assert dict(parsed.notes) == notes.get(before.article.article_id, {})


@pytest.mark.usefixtures("shown")
def test_copy_that_was_traced_comes_back_as_no_credit(published: Path) -> None:
    """Somebody's credit is evidence; what we found out would prove itself."""
    query = (
        "SELECT article_id FROM article_agency_shares EXCEPT SELECT article_id FROM wire_credits"
        " ORDER BY 1 LIMIT 1"
    )
    (row,) = query_sql(published, query)
    for form in ("ninjs", "ans"):
        assert read_back(call("article", row["article_id"], "--as", form).json()).credits == []


@pytest.mark.usefixtures("shown")
def test_an_ans_story_has_each_credit_with_its_words(published: Path) -> None:
    query = "SELECT article_id, agency, evidence FROM wire_credits WHERE begin > 0 LIMIT 1"
    (row,) = query_sql(published, query)
    story = call("article", row["article_id"], "--as", "ans").json()
    assert story["version"] == "0.10.9"
    said = story["additional_properties"]["wirethread"]["credits"]
    assert (row["agency"], row["evidence"]) in [(one["agency"], one["evidence"]) for one in said]


def export(published: Path, file: Path, form: str) -> Any:
    done = call("export", file, "--format", form, "--data", published)
    assert done.code == 0, done.err
    text = file.read_text(encoding="utf-8")
    if form == "label-studio":
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines()]


def test_passims_input_goes_out_and_comes_in(published: Path, tmp_path: Path) -> None:
    documents = export(published, tmp_path / "corpus.json", "passim")
    assert {one["id"] for one in documents} == set(list_ids(published))
    assert all({"id", "series", "text"} <= set(one) for one in documents)
    run_plainly(
        [tmp_path / "corpus.json"],
        hashing_settings(tmp_path / "data"),
    )
    query = (
        "SELECT outlet, headline, byline, language, text, published_at, published_precision"
        " FROM articles ORDER BY ALL"
    )
    assert query_sql(tmp_path / "data", query) == query_sql(published, query)


def test_passims_output_has_every_place_with_its_words(published: Path, tmp_path: Path) -> None:
    places = export(published, tmp_path / "out.json", "passim-clusters")
    (n,) = query_sql(published, "SELECT count(*) AS n FROM passage_places")
    assert len(places) == n["n"]
    texts = {row["article_id"]: row["text"] for row in query_sql(published, "FROM articles")}
    sizes: dict[int, int] = {}
    for place in places:
        assert texts[place["id"]][place["begin"] : place["end"]] == place["text"]
        sizes[place["cluster"]] = sizes.get(place["cluster"], 0) + 1
    assert all(sizes[place["cluster"]] == place["size"] for place in places)


def test_label_studio_gets_spans_that_are_the_words(published: Path, tmp_path: Path) -> None:
    tasks = export(published, tmp_path / "tasks.json", "label-studio")
    labels = set()
    for task in tasks:
        for span in task["predictions"][0]["result"]:
            value = span["value"]
            assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
            labels |= set(value["labels"])
    assert {"Reuters", "AP"} <= labels


@pytest.mark.usefixtures("shown")
def test_passims_clusters_come_in_beside_the_passages(published: Path, tmp_path: Path) -> None:
    places = export(published, tmp_path / "out.json", "passim-clusters")
    same = call("evaluate", "clusters", tmp_path / "out.json", "--json").json()
    assert same["n_places"] == same["n_places_found"] == len(places)
    assert same["n_passages"] == same["n_passages_found"] == same["n_clusters_found"]
    assert same["only_in_file"] == same["only_in_archive"] == []
    (row,) = query_sql(
        published, "SELECT source_id FROM articles WHERE article_id = $1", [places[0]["id"]]
    )
    first = {**places[0], "id": row["source_id"], "end": places[0]["end"] - 3}
    lone = {"cluster": 999, "id": places[0]["id"], "begin": 0, "end": 1}
    strange = {**places[1], "id": "nowhere"}
    folder = tmp_path / "passim"
    folder.mkdir()
    lines = "".join(json.dumps(place) + "\n" for place in (first, strange, lone))
    (folder / "part-0.json").write_text(lines, encoding="utf-8")
    less = call("evaluate", "clusters", folder, "--json").json()
    assert (less["n_places"], less["n_places_found"], less["n_unknown"]) == (2, 1, 1)
    assert (less["n_clusters_found"], less["n_passage_places_found"]) == (0, 1)
    assert [place["cluster"] for place in less["only_in_file"]] == ["999"]
    assert "only in the file" in call("evaluate", "clusters", folder).out
    (folder / "part-0.json").write_text('{"cluster": 1, "id": "a"}\n', encoding="utf-8")
    refused = call("evaluate", "clusters", folder)
    assert refused.code == 1
    assert "part-0.json:1: no place of passim's output: it has no 'begin'" in refused.err
