"""Addresses of every kind that the page answers, with ids and filters that an archive has."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from wirethread.questions import query_sql

__all__ = ["choose_addresses"]

BIG_STORIES = 20


def choose_addresses(folder: Path, n_each: int) -> dict[str, list[str]]:
    """Return up to `n_each` + 1 different addresses of each kind.

    Kinds that readers open are called `page: ...`, files of whole lists `file: ...`.
    """
    n = n_each + 1
    articles = _list(folder, f"SELECT article_id FROM articles ORDER BY hash(article_id) LIMIT {n}")
    mixed = _list(
        folder,
        "SELECT article_id FROM article_derivation WHERE share > 0"
        f" ORDER BY hash(article_id) LIMIT {n}",
    )
    stories = _list(
        folder,
        f"SELECT thread_id FROM story_threads ORDER BY n_articles < 2, hash(thread_id) LIMIT {n}",
    )
    big = _list(
        folder,
        f"SELECT thread_id FROM story_threads ORDER BY n_articles DESC, 1 LIMIT {BIG_STORIES + 1}",
    )
    passages = _list(folder, f"SELECT passage_id FROM passages ORDER BY hash(passage_id) LIMIT {n}")
    wide = _list(
        folder, f"SELECT passage_id FROM passages ORDER BY n_places DESC, 1 LIMIT {BIG_STORIES + 1}"
    )
    pairs = query_sql(
        folder,
        "SELECT a, b FROM (SELECT DISTINCT left_article_id AS a, right_article_id AS b"
        f" FROM passage_matches) ORDER BY hash(a, b) LIMIT {2 * n}",
    )
    compared = [f"/compare/{quote(one['a'])}/{quote(one['b'])}" for one in pairs]
    strangers = [
        f"/compare/{quote(a)}/{quote(b)}" for a, b in zip(articles, mixed, strict=False) if a != b
    ]
    found: dict[str, list[str]] = {
        "page: article": _fill("/article/{}", articles),
        "page: article with agency copy": _fill("/article/{}", mixed),
        "page: story": _fill("/story/{}", stories),
        "page: largest stories": _fill("/story/{}", big),
        "page: passage": _fill("/passage/{}", passages),
        "page: widest passages": _fill("/passage/{}", wide),
        "page: comparison": compared[:n],
        "page: comparison with scores": [f"{one}?why=true" for one in compared[n:]],
        "page: comparison of strangers": strangers,
        "page: front": _make_fronts(folder, n),
        **_make_searches(folder, n),
        **_make_lists(n),
        "twin: article": _fill("/article/{}.json", articles),
        "twin: story": _fill("/story/{}.json", stories),
        "twin: passage": _fill("/passage/{}.json", passages),
        "twin: comparison": [one + ".json" for one in compared[:n]],
        "twin: front": [one.replace("/?", "/.json?") for one in _make_fronts(folder, n)],
        "twin: lists": [f"/{name}.json?limit={k + 50}" for k in range(3) for name in _LISTS],
        "feed: threads": [
            f"/threads.{form}?{urlencode({'min_articles': k + 1})}"
            for k in range(n // 2)
            for form in ("atom", "feed.json")
        ],
        "feed: story": _fill("/story/{}.atom", stories),
        "feed: outdated": [f"/outdated.{form}" for form in ("atom", "feed.json")],
        "feed: search": [
            address.replace("/search?", "/search.atom?")
            for address in _make_searches(folder, n)["page: search by words"]
        ],
        "file: threads": [f"/threads.{form}" for form in ("csv", "ndjson", "parquet", "arrow")],
        "file: lists": [
            f"/{name}.{form}"
            for name in ("outdated", "outlets", "agencies", "runs", "rejected", "corrections")
            for form in ("csv", "parquet")
        ],
        "file: story": _fill("/story/{}.csv", stories),
    }
    return {name: paths for name, paths in found.items() if paths}


_LISTS = ("outdated", "outlets", "runs", "rejected")


def _make_lists(n: int) -> dict[str, list[str]]:
    counted = "SELECT outlet, count(*) AS n FROM articles GROUP BY outlet ORDER BY n DESC LIMIT "
    one_row = "SELECT headline, outlet FROM articles ORDER BY published_at DESC NULLS LAST LIMIT "
    return {
        "page: outdated": [f"/outdated?limit={k + 20}" for k in range(n)],
        "page: outlets": [f"/outlets?limit={k + 20}" for k in range(n)],
        "page: agencies": [f"/agencies?x={k}" for k in range(n)],
        "page: corrections": [f"/corrections?with_undone=true&x={k}" for k in range(n)],
        "page: runs": [f"/runs?limit={k + 20}" for k in range(n)],
        "page: sources": [f"/sources?x={k}" for k in range(n)],
        "page: rejected": [f"/rejected?limit={k + 20}" for k in range(n)],
        "page: sql, schema": [f"/sql?x={k}" for k in range(n)],
        "page: sql, counting outlets": [
            f"/sql?{urlencode({'sql': counted + str(k + 5)})}" for k in range(n)
        ],
        "page: sql, newest articles": [
            f"/sql?{urlencode({'sql': one_row + str(k + 5)})}" for k in range(n)
        ],
        "page: help": [f"/help?x={k}" for k in range(n)],
    }


def _make_fronts(folder: Path, n: int) -> list[str]:
    outlets = _list(
        folder, f"SELECT outlet FROM articles GROUP BY 1 ORDER BY count(*) DESC LIMIT {n}"
    )
    agencies = _list(folder, "SELECT DISTINCT agency FROM passages WHERE agency IS NOT NULL")
    chance = random.Random(7)
    sorts = ("newest", "growing", "copied", "dependent")
    asked: list[dict[str, Any]] = [{"sort": sort} for sort in sorts]
    for number, outlet in enumerate(outlets):
        asked.append({"outlet": outlet, "sort": sorts[number % 4]})
        asked.append({"min_newsrooms": number % 5, "min_articles": number, "sort": sorts[-1]})
        if agencies:
            asked.append({"agency": chance.choice(agencies), "limit": 10 + number})
    return [f"/?{urlencode(one)}" for one in asked[:n]]


def _make_searches(folder: Path, n: int) -> dict[str, list[str]]:
    texts = _list(
        folder,
        "SELECT text FROM paragraphs WHERE kind = 'body' AND n_words BETWEEN 12 AND 120"
        f" ORDER BY hash(paragraph_id) LIMIT {4 * n}",
    )
    outlets = _list(
        folder, "SELECT outlet FROM articles GROUP BY 1 ORDER BY count(*) DESC LIMIT 20"
    )
    searches: dict[str, list[str]] = {}
    for number, by in enumerate(("words", "meaning", "both")):
        chosen = texts[number * n : (number + 1) * n]
        searches[f"page: search by {by}"] = [
            f"/search?{urlencode({'text': _shorten(text, k), 'by': by})}"
            for k, text in enumerate(chosen)
        ]
    searches["page: search in an outlet"] = [
        f"/search?{urlencode({'text': _shorten(text, k), 'outlet': outlets[k % len(outlets)]})}"
        for k, text in enumerate(texts[3 * n :])
    ]
    return searches


def _shorten(text: str, number: int) -> str:
    """Return the whole paragraph, or every second time a few words out of it."""
    words = text.split()
    return text if number % 2 else " ".join(words[3 : 9 + number % 4])


def _list(folder: Path, sql: str) -> list[str]:
    return [str(next(iter(row.values()))) for row in query_sql(folder, sql)]


def _fill(form: str, ids: Sequence[str]) -> list[str]:
    return [form.format(quote(one, safe="")) for one in ids]
