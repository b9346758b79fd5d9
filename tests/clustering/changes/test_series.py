"""Which texts are versions of one article, with very many of them."""

from itertools import combinations

import numpy as np
import pytest

from wirethread.articles.types.articles import ArticleId, TimePrecision
from wirethread.articles.types.versions import KeyedArticle, StoredVersion
from wirethread.clustering.changes import series
from wirethread.clustering.changes.series import find_ties, join_groups

WORDS = [
    f"{first}{last}" for first in ("har", "quar", "fer", "tar") for last in ("bour", "ry", "ton")
]


def make_version(name: str, *, url: str = "", key: str = "", words: list[str]) -> StoredVersion:
    return StoredVersion(
        article_id=ArticleId(name),
        url_key=url,
        id_key=key,
        outlet="Paper",
        headline="",
        text=" ".join(words),
        body=[" ".join(words)],
        body_hashes=[hash(tuple(words))],
        published_at=None,
        published_precision=TimePrecision.UNKNOWN,
        updated_at=None,
    )


def tie(versions: list[StoredVersion]) -> list[tuple[ArticleId, ArticleId]]:
    keyed = [
        KeyedArticle(article_id=one.article_id, url_key=one.url_key, id_key=one.id_key)
        for one in versions
    ]
    return find_ties(keyed, keyed, {one.article_id: one for one in versions})


def group(versions: list[StoredVersion]) -> list[list[ArticleId]]:
    return sorted(sorted(found) for found in join_groups(tie(versions)))


def test_a_page_of_a_thousand_versions_is_tied_without_comparing_its_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    versions = [
        make_version(f"v{number:04}", url="live", key=f"k{number % 3}", words=[f"word{number}"])
        for number in range(1_000)
    ]
    monkeypatch.setattr(series, "keeps_subject", lambda *texts: pytest.fail(f"{texts}"))
    assert len(tie(versions)) < 60 * len(versions)
    assert group(versions) == [[one.article_id for one in versions]]


def test_an_id_that_very_many_share_is_compared_with_the_last_of_them_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(
        series, "keeps_subject", lambda left, right: bool(asked.append((left, right)))
    )
    versions = [
        make_version(f"v{number:04}", url=f"page{number}", key="1", words=[f"word{number}"])
        for number in range(400)
    ]
    assert tie(versions) == []
    assert len(asked) <= series.MOST_WITH_ONE_ID * 400


def test_ties_lead_to_the_groups_that_every_two_articles_compared_make() -> None:
    chance = np.random.default_rng(3)
    for _ in range(20):
        versions = [
            make_version(
                f"v{number:02}",
                url=str(chance.choice(["", "p", "q", f"own{number}"])),
                key=str(chance.choice(["", "1", "2", f"own{number}"])),
                words=chance.choice(WORDS[: 3 if number % 2 else 12], 6).tolist(),
            )
            for number in range(24)
        ]
        expected = [
            (one.article_id, other.article_id)
            for one, other in combinations(versions, 2)
            if ((one.url_key and one.url_key == other.url_key) or one.id_key == other.id_key != "")
            and series.is_tied(one, other)
        ]
        assert group(versions) == sorted(sorted(found) for found in join_groups(expected))
