"""The whole road on the shipped sample with the default model, against what is true about it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Demo
from tests.flows.driving import SAMPLE, sample_rows
from wirethread.articles.credits.agencies import find_agency
from wirethread.clustering.measures.metrics import score_clusters
from wirethread.clustering.outlets import name_publisher
from wirethread.questions import query_sql

pytestmark = pytest.mark.model

TRUTH: dict[str, Any] = json.loads(SAMPLE.with_name("truth.json").read_text(encoding="utf-8"))
STORY_OF = {member: story for story, members in TRUTH["stories"].items() for member in members}
OTHER_LANGUAGES = set(TRUTH["other_languages"])

Place = tuple[str, int]
"""Source id and number of a paragraph, from 0."""


@dataclass(frozen=True)
class Found:
    """What the pipeline says about the sample, by the ids of the sample."""

    folder: Path
    credits: frozenset[tuple[str, str, str]]
    """(article, agency, role)."""
    matches: tuple[tuple[Place, Place, str], ...]
    """Pairs of paragraphs that an accepted match covers by half or more, with the relation."""
    clusters: dict[str, str]
    """Cluster of each article."""
    threads: dict[str, str]
    """Thread of each article."""

    def ask(self, sql: str) -> list[dict[str, Any]]:
        return query_sql(self.folder, sql)


@pytest.fixture(scope="module")
def found(demo: Demo) -> Found:
    assert demo.code == 0, demo.err

    def pairs(sql: str) -> dict[str, str]:
        return {row["source_id"]: row["value"] for row in query_sql(demo.folder, sql)}

    members = "story_cluster_articles JOIN articles USING (article_id)"
    return Found(
        folder=demo.folder,
        credits=frozenset(
            (row["source_id"], row["agency"], row["role"])
            for row in query_sql(
                demo.folder,
                "SELECT source_id, agency, role FROM wire_credits JOIN articles USING (article_id)",
            )
        ),
        matches=tuple(list_paragraph_pairs(demo.folder)),
        clusters=pairs(f"SELECT source_id, cluster_id AS value FROM {members}"),
        threads=pairs(
            f"SELECT source_id, thread_id AS value FROM {members} JOIN story_clusters"
            " USING (cluster_id)"
        ),
    )


def paragraph_spans() -> dict[str, list[tuple[int, int]]]:
    """Return begin and end of the paragraphs of each article, as the truth numbers them."""
    return {
        row["id"]: [
            (entry.start(), entry.end())
            for entry in re.finditer(r"(?:(?!\n\s*\n).)+", row["text"], re.DOTALL)
        ]
        for row in sample_rows()
    }


def list_paragraph_pairs(folder: Path) -> Iterator[tuple[Place, Place, str]]:
    spans = paragraph_spans()
    rows = query_sql(
        folder,
        "SELECT l.source_id AS left_id, r.source_id AS right_id, m.* FROM passage_matches m"
        " JOIN articles l ON l.article_id = left_article_id"
        " JOIN articles r ON r.article_id = right_article_id",
    )
    for row in rows:
        sides = [
            [
                (row[f"{side}_id"], number)
                for number, (begin, end) in enumerate(spans[row[f"{side}_id"]])
                if covers(row[f"{side}_begin"], row[f"{side}_end"], begin, end)
            ]
            for side in ("left", "right")
        ]
        yield from ((left, right, row["relation"]) for left in sides[0] for right in sides[1])


def covers(begin: int, end: int, paragraph_begin: int, paragraph_end: int) -> bool:
    """Whether a span covers half of a paragraph, or lies in it with half of its own length."""
    shared = min(end, paragraph_end) - max(begin, paragraph_begin)
    return shared >= 0.5 * min(end - begin, paragraph_end - paragraph_begin)


def truth_pairs(level: str | None = None) -> set[frozenset[Place]]:
    return {
        frozenset(
            {
                (label["host_id"], label["host_paragraph"]),
                (label["source_id"], label["source_paragraph"]),
            }
        )
        for label in TRUTH["passages"]
        if level in (None, label["level"])
    }


def copy_groups() -> dict[Place, int]:
    """Return the group of each paragraph that carries copy: two of one group carry the same."""
    group: dict[Place, int] = {}
    for number, pair in enumerate(sorted(truth_pairs(), key=sorted)):
        joined = {group[one] for one in pair if one in group}
        group |= dict.fromkeys(pair, number)
        group |= {one: number for one, old in group.items() if old in joined}
    return group


def report(wrong: Iterable[object]) -> str:
    return "\n".join(map(str, sorted(wrong, key=str)))


def test_the_demo_tells_what_came_out(demo: Demo) -> None:
    assert demo.code == 0, demo.err
    assert "Traceback" not in demo.err
    assert demo.seconds < 240
    for heading in (
        "Took in 65 new articles (0 known already, 0 set aside)",
        "The story threads",
        "Who copied from whom",
        "Which passages came from which agency",
        "What to try next",
    ):
        assert heading in demo.out


# Credits


def test_credits_are_those_that_the_articles_give(found: Found) -> None:
    said = {(one["id"], one["agency"]) for one in TRUTH["credits"]}
    heard = {
        (who, agency) for who, agency, role in found.credits if role in ("source", "contributor")
    }
    assert heard == said, f"missed:\n{report(said - heard)}\ninvented:\n{report(heard - said)}"


def test_contributors_are_told_from_sources(found: Found) -> None:
    said = {(one["id"], one["agency"], one["role"]) for one in TRUTH["credits"]}
    heard = {one for one in found.credits if one[2] in ("source", "contributor")}
    right = len(said & heard)
    assert right / len(said) >= 0.88, report(said - heard)
    assert right / len(heard) >= 0.9, report(heard - said)


def test_photo_credits_are_photo_credits_and_nothing_else(found: Found) -> None:
    for one in TRUTH["photo_credits"]:
        assert (one["id"], one["agency"], "photo") in found.credits, one
    text_credits = {(one["id"], one["agency"]) for one in TRUTH["credits"]}
    for entry in [*TRUTH["photo_credits"], *TRUTH["not_credits"]]:
        if (entry["id"], entry["agency"]) not in text_credits:
            for role in ("source", "contributor"):
                assert (entry["id"], entry["agency"], role) not in found.credits, entry


def test_the_words_that_prove_a_credit_are_quoted(found: Found) -> None:
    rows = found.ask(
        'SELECT source_id, agency, evidence, begin, "end", text FROM wire_credits'
        " JOIN articles USING (article_id)"
    )
    quoted = defaultdict(list)
    for row in rows:
        quoted[row["source_id"], row["agency"]].append(row["evidence"])
        if row["begin"] >= 0:
            assert row["text"][row["begin"] : row["end"]] == row["evidence"]
    for label in TRUTH["credits"]:
        if not label.get("optional"):
            evidence = quoted[label["id"], label["agency"]]
            assert any(
                label["agency"] in text or text in label["evidence"] or label["evidence"] in text
                for text in evidence
            ), (label, evidence)


# Passages


@pytest.mark.parametrize(
    ("level", "floor"), [("verbatim", 1.0), ("edited", 0.9), ("paraphrase", 0.5)]
)
def test_copied_passages_are_found(found: Found, level: str, floor: float) -> None:
    wanted = truth_pairs(level)
    matched = {
        frozenset({left, right}) for left, right, kind in found.matches if kind != "quotation"
    }
    missed = wanted - matched
    recall = 1 - len(missed) / len(wanted)
    assert recall >= floor, f"{recall:.3f}\n{report(sorted(one) for one in missed)}"


def test_passages_are_matched_only_where_there_is_copy(found: Found) -> None:
    group = copy_groups()
    judged = {
        (left, right)
        for left, right, kind in found.matches
        if kind != "quotation" and not {left[0], right[0]} & OTHER_LANGUAGES
    }
    wrong = {(a, b) for a, b in judged if a not in group or group[a] != group.get(b)}
    precision = 1 - len(wrong) / len(judged)
    assert precision >= 0.92, f"{precision:.3f} of {len(judged)}\n{report(wrong)}"


def test_near_misses_are_no_matches(found: Found) -> None:
    matched = {
        frozenset({left, right}) for left, right, kind in found.matches if kind != "quotation"
    }
    wrong = [
        label
        for label in TRUTH["near_misses"]
        if frozenset(
            {
                (label["left_id"], label["left_paragraph"]),
                (label["right_id"], label["right_paragraph"]),
            }
        )
        in matched
    ]
    assert wrong == [], report(wrong)


def test_a_shared_quotation_is_no_copy(found: Found) -> None:
    for label in TRUTH["shared_quotations"]:
        pair = {
            (label["left_id"], label["left_paragraph"]),
            (label["right_id"], label["right_paragraph"]),
        }
        kinds = {kind for left, right, kind in found.matches if {left, right} == pair}
        assert kinds <= {"quotation"}


def test_copied_paragraphs_are_credited_to_the_agency_that_supplied_them(found: Found) -> None:
    spans = paragraph_spans()
    said = defaultdict(set)
    for row in found.ask(
        'SELECT source_id, s.agency, begin, "end" FROM paragraph_sources s'
        " JOIN paragraphs USING (paragraph_id) JOIN articles a ON a.article_id = s.article_id"
    ):
        for number, (begin, end) in enumerate(spans[row["source_id"]]):
            if covers(row["begin"], row["end"], begin, end):
                said[row["source_id"], number].add(row["agency"])
    judged, wrong = 0, []
    for label in TRUTH["passages"]:
        place = (label["host_id"], label["host_paragraph"])
        if label["level"] == "paraphrase" or place not in said:
            continue
        judged += 1
        if label["agency"] not in said[place]:
            wrong.append((place, label["agency"], said[place]))
    assert judged > 100
    assert len(wrong) / judged <= 0.03, report(wrong)


def test_uncredited_copies_are_shown_as_wire_copy(found: Found) -> None:
    rows = found.ask(
        "SELECT source_id, derivation, share FROM article_derivation JOIN articles"
        " USING (article_id)"
    )
    derived = {row["source_id"]: row for row in rows}
    missed = [one for one in TRUTH["uncredited_copies"] if derived[one]["derivation"] == "not"]
    assert missed == []


def test_articles_of_their_own_are_not_derived_from_wire_copy(found: Found) -> None:
    hosts = {one["host_id"] for one in TRUTH["passages"] if one["agency"]}
    agencies = {one["id"] for one in TRUTH["credits"]}
    own = set(STORY_OF) | set(TRUTH["singles"])
    own -= hosts | agencies | OTHER_LANGUAGES
    wrong = [
        (row["source_id"], row["share"])
        for row in found.ask(
            "SELECT source_id, share FROM article_derivation JOIN articles USING (article_id)"
            " WHERE derivation <> 'not'"
        )
        if row["source_id"] in own
    ]
    assert wrong == [], report(wrong)


def test_duplicates_are_the_articles_that_are_one_text(found: Found) -> None:
    rows = found.ask(
        "SELECT cluster_id, list(source_id) AS ids FROM duplicate_cluster_articles"
        " JOIN articles USING (article_id) GROUP BY cluster_id"
    )
    heard = {frozenset(pair) for row in rows for pair in pair_up(row["ids"])}
    said = {frozenset(pair) for group in TRUTH["duplicates"] for pair in pair_up(group)}
    either = {frozenset(pair) for pair in TRUTH["duplicates_either_way"]}
    missed, invented = said - heard, heard - said - either
    # a copy of a copy is argued either way too
    invented = {one for one in invented if not any(one & other for other in either)}
    assert (missed, invented) == (set(), set())


def pair_up(ids: Iterable[str]) -> list[tuple[str, str]]:
    order = sorted(ids)
    return [(one, other) for place, one in enumerate(order) for other in order[place + 1 :]]


# Stories


def judged_articles() -> list[str]:
    return [one for one in [*STORY_OF, *TRUTH["singles"]] if one not in OTHER_LANGUAGES]


def test_story_clusters_are_the_happenings(found: Found) -> None:
    articles = judged_articles()
    scores = score_clusters(
        [STORY_OF.get(one, one) for one in articles], [found.clusters[one] for one in articles]
    )
    assert scores.bcubed.f1 >= 0.8, describe_clusters(found)
    assert scores.bcubed.precision >= 0.77, describe_clusters(found)


def describe_clusters(found: Found) -> str:
    """Return what each story came apart into, and what was joined with it."""
    lines = []
    for story, members in TRUTH["stories"].items():
        parts = defaultdict(list)
        for one in members:
            parts[found.clusters[one]].append(one)
        strangers = [
            one
            for one, cluster in found.clusters.items()
            if cluster in parts and one not in members and one not in OTHER_LANGUAGES
        ]
        if len(parts) > 1 or strangers:
            lines.append(f"{story}: {list(parts.values())} and {strangers}")
    return "\n".join(lines)


def test_no_story_cluster_holds_two_happenings(found: Found) -> None:
    stories = defaultdict(set)
    for article_id, cluster in found.clusters.items():
        if article_id in STORY_OF:
            stories[cluster].add(STORY_OF[article_id])
    joined = [sorted(one) for one in stories.values() if len(one) > 1]
    assert joined == [], report(joined)


@pytest.mark.parametrize(
    ("left", "right"),
    [pytest.param(*pair, id=" and ".join(pair)) for pair in TRUTH["must_stay_apart"]],
)
def test_look_alikes_stay_apart(found: Found, left: str, right: str) -> None:
    sides = [set(TRUTH["stories"][one]) for one in (left, right)]
    clusters = [{found.clusters[one] for one in side} for side in sides]
    assert clusters[0].isdisjoint(clusters[1])
    if sorted((left, right)) not in [sorted(one) for one in TRUTH["threads_either_way"]]:
        threads = [{found.threads[one] for one in side} for side in sides]
        assert threads[0].isdisjoint(threads[1])


@pytest.mark.parametrize("roundup", TRUTH["roundups"])
def test_a_roundup_glues_nothing_together(found: Found, roundup: str) -> None:
    beside = {
        STORY_OF.get(one, one)
        for one, cluster in found.clusters.items()
        if cluster == found.clusters[roundup] and one != roundup
    }
    assert len(beside) <= 1


def test_the_earthquake_is_one_thread_over_three_days(found: Found) -> None:
    days = TRUTH["threads"]["ostrel-earthquake"]
    assert len(days) == 3
    members = [one for day in days for one in TRUTH["stories"][day] if one not in OTHER_LANGUAGES]
    threads = {one: found.threads[one] for one in members}
    assert len(set(threads.values())) == 1, threads
    (row,) = found.ask(
        "SELECT n_clusters, first_seen_at::DATE::VARCHAR AS first, last_seen_at::DATE::VARCHAR"
        f" AS last FROM story_threads WHERE thread_id = '{threads[members[0]]}'"
    )
    assert (row["first"], row["last"]) == ("2024-03-11", "2024-03-13")
    assert row["n_clusters"] >= 3


def test_threads_hold_only_what_follows_from_one_another(found: Found) -> None:
    either = {frozenset(one) for one in TRUTH["threads_either_way"]}
    thread_of = {story: thread for thread, stories in TRUTH["threads"].items() for story in stories}
    together = defaultdict(set)
    for one in judged_articles():
        together[found.threads[one]].add(thread_of.get(STORY_OF.get(one, ""), one))
    allowed = {one for pair in either for one in pair}
    wrong = [sorted(one) for one in together.values() if len(one) > 1 and not one <= allowed]
    assert wrong == [], report(wrong)


@pytest.mark.parametrize("story", TRUTH["independent_sources"])
def test_independent_sources_are_counted_once_a_copy(found: Found, story: str) -> None:
    """Who adds own words to wire copy may count or not; who only copied must not."""
    truth = TRUTH["independent_sources"][story]
    members = [one for one in TRUTH["stories"][story] if one not in OTHER_LANGUAGES]
    rows = found.ask(
        "SELECT source_id, source_group FROM story_cluster_sources JOIN articles USING (article_id)"
        " WHERE counted"
    )
    counted = [row["source_group"] for row in rows if row["source_id"] in members]
    foreign = {"dpa", name_publisher("Le Fanal"), name_publisher("Abendblick")}
    said = {name_source(one) for one in truth["sources"]} - foreign
    argued = {name_source(one) for one in truth["own_reporting_in_partly_derived"]} | foreign
    assert set(counted) - argued == said
    assert len(counted) == len(set(counted))


def name_source(name: str) -> str:
    """Return an agency as it is, and the outlet of a publisher as its name is kept."""
    return find_agency(name) or name_publisher(name)
