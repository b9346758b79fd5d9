"""Fitting the story settings to labels: what is found, what is refused, what is written."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.flows.driving import SAMPLE, hashing_settings, sample_rows, write_lines
from wirethread.articles.errors import ConfigError, SourceError
from wirethread.articles.types.articles import ArticleId, Link
from wirethread.clustering.links.score import score_links
from wirethread.clustering.measures.metrics import score_clusters
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.embedding.hashing import HashingEncoder
from wirethread.flows.evaluation.calibrate import calibrate_on_pairs, calibrate_on_stories
from wirethread.flows.evaluation.fitting import fit_settings
from wirethread.flows.evaluation.label_evidence import (
    AgreementScore,
    LinkTable,
    StoryEvidence,
    build_link_table,
    divide_into_folds,
)
from wirethread.flows.evaluation.labels_file import PairLabel, append_label
from wirethread.flows.evaluation.stories import read_labelled
from wirethread.flows.settings.config import Settings, load_settings
from wirethread.flows.settings.edit import write_section
from wirethread.storage.catalog import Catalog

TRUTH = json.loads((SAMPLE.parent / "truth.json").read_text(encoding="utf-8"))["stories"]
STORY_OF = {one: story for story, members in TRUTH.items() for one in members}
RIVALS = [
    ("markets-monday", "markets-tuesday"), ("tallow-creek-fire", "kellan-ford-fire"),
    ("takeover", "northmoor-parking"), ("quake-strikes", "sarquen-quake"),
]  # fmt: skip
STRICT = StorySettings(threshold=0.6)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with the story of every article that has one."""
    rows = [{**row, "story": STORY_OF[row["id"]]} for row in sample_rows() if row["id"] in STORY_OF]
    return write_lines(tmp_path_factory.mktemp("labelled") / "labelled.jsonl", rows)


@pytest.fixture(scope="module")
def evidence(labelled: Path) -> StoryEvidence:
    labels, found = read_labelled(labelled)
    openings = HashingEncoder().encode([one.opening for one in found])
    table = build_link_table([one.article for one in found], openings, {}, StorySettings())
    stories = {one.article.article_id: labels[one.article.article_id] for one in found}
    return StoryEvidence(table, stories, n_folds=5)


def with_stories(stories: StorySettings, folder: Path = Path("unused")) -> Settings:
    return hashing_settings(folder, stories=stories)


def write_answers(file: Path, folder: Path, ids: Sequence[str], limit: int = 1_000) -> Path:
    """Answer every pair of some articles of the sample as the truth has it."""
    with Catalog.open_published(folder) as catalog:
        article_of = {
            row["source_id"]: row["article_id"]
            for row in catalog.execute_read_only(
                "SELECT source_id, article_id FROM articles"
            ).to_pylist()
        }
    for left_key, other in list(combinations(ids, 2))[:limit]:
        left, right = sorted((article_of[left_key], article_of[other]))
        append_label(
            file,
            PairLabel(
                left_id=ArticleId(left),
                right_id=ArticleId(right),
                same=STORY_OF[left_key] == STORY_OF[other],
                by="test",
                at=datetime(2024, 3, 14, tzinfo=UTC),
            ),
        )
    return file


def test_a_threshold_that_parts_stories_is_lowered(labelled: Path) -> None:
    result = calibrate_on_stories(labelled, HashingEncoder(), with_stories(STRICT))
    assert result.kind == "stories"
    assert result.n_labels == len(STORY_OF)
    assert result.proposed["threshold"] < 0.6
    assert result.after.value > result.before.value + 0.05
    assert result.fitted.value >= result.after.value
    assert result.is_better
    assert sum(one.n_labels for one in result.folds) == len(STORY_OF)


def test_settings_that_fit_already_stay(evidence: StoryEvidence, labelled: Path) -> None:
    fitted = fit_settings(evidence, STRICT, labelled, "stories")
    again = fit_settings(evidence, replace(STRICT, **fitted.proposed), labelled, "stories")
    assert again.proposed["threshold"] == pytest.approx(fitted.proposed["threshold"], abs=0.05)
    assert again.before.value == pytest.approx(fitted.fitted.value)
    if again.proposed == again.present:
        assert not again.is_better


@pytest.mark.thorough
def test_calibration_twice_gives_the_same(evidence: StoryEvidence, labelled: Path) -> None:
    first = fit_settings(evidence, STRICT, labelled, "stories")
    assert first == fit_settings(evidence, STRICT, labelled, "stories")


def test_no_story_is_in_two_folds(evidence: StoryEvidence) -> None:
    folds_of: dict[str, set[int]] = {}
    for one, fold in zip(sorted(STORY_OF), evidence.folds.tolist(), strict=True):
        folds_of.setdefault(STORY_OF[one], set()).add(fold)
    assert all(len(folds) == 1 for folds in folds_of.values())
    sizes = np.bincount(evidence.folds)
    assert len(sizes) == 5
    assert max(sizes) - min(sizes) <= max(len(one) for one in TRUTH.values())


def test_folds_do_not_depend_on_the_order_of_labels() -> None:
    groups = ["a", "b", "a", "c", "c", "d", "a", "e"]
    folds = divide_into_folds(groups, 3)
    backwards = divide_into_folds(groups[::-1], 3)
    assert folds.tolist() == backwards.tolist()[::-1]


def test_b_cubed_of_all_articles_is_that_of_evaluate(evidence: StoryEvidence) -> None:
    settings = StorySettings()
    found = evidence.summarize(evidence.judge(settings))
    cluster_of = evidence._table.cluster(settings)
    order = sorted(STORY_OF)
    scores = score_clusters(
        [STORY_OF[one] for one in order], [cluster_of[ArticleId(one)] for one in order]
    )
    assert found.value == pytest.approx(scores.bcubed.f1)
    assert found.parts["precision"] == pytest.approx(scores.bcubed.precision)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dense_weight": 0.2, "sparse_weight": 0.8},
        {"dense_weight": 0.8, "sparse_weight": 0.2},
        {"max_time_penalty": 0.0},
        {"max_time_penalty": 0.6, "copy_weight": 0.5},
        {"copy_weight": 0.0, "threshold": 0.4},
    ],
)
def test_links_weighed_anew_are_those_scored_anew(
    labelled: Path, changes: dict[str, float]
) -> None:
    _, found = read_labelled(labelled)
    articles = [one.article for one in found]
    openings = HashingEncoder().encode([one.opening for one in found])
    ids = sorted(one.article_id for one in articles)
    copy = {(ids[0], ids[1]): 0.9, (ids[3], ids[9]): 0.4}
    settings = replace(StorySettings(), **changes)
    table = build_link_table(articles, openings, copy, StorySettings())
    weighed = {(one.left_id, one.right_id): one for one in table.weigh(settings)}
    scored = {
        (link.left_id, link.right_id): link
        for link in score_links(articles, openings, shared_copy=copy, settings=settings)
    }
    edge = {
        pair for pair, one in (weighed | scored).items() if one.score < settings.min_score + 2e-6
    }
    assert weighed.keys() - edge == scored.keys() - edge
    for pair in weighed.keys() - edge:
        assert weighed[pair].score == pytest.approx(scored[pair].score, abs=2e-6)
        assert weighed[pair].time_penalty == pytest.approx(scored[pair].time_penalty, abs=2e-6)


class FlatEvidence:
    """Labels that no setting changes anything about."""

    n_articles = 4
    folds = np.array([0, 0, 1, 1])

    def judge(self, settings: StorySettings) -> NDArray[np.float64]:
        return np.full((4, 2), 0.5)

    def summarize(self, judged: NDArray[np.float64]) -> AgreementScore:
        return AgreementScore(measure="flat", value=float(judged.mean()), parts={})


class DriftEvidence(FlatEvidence):
    """Labels of two folds that each want another threshold: fitting one harms the other."""

    def judge(self, settings: StorySettings) -> NDArray[np.float64]:
        low, high = 1 - settings.threshold, settings.threshold
        return np.array([[low, low], [low, low], [high, high], [high, high]])


def test_settings_without_an_effect_are_left_alone() -> None:
    result = fit_settings(FlatEvidence(), StorySettings(), Path("flat.jsonl"), "stories")
    assert result.proposed == result.present
    assert not result.is_better


def test_fitting_that_harms_unseen_stories_is_no_gain() -> None:
    result = fit_settings(DriftEvidence(), StorySettings(), Path("drift.jsonl"), "stories")
    assert result.after.value < result.before.value
    assert not result.is_better


def test_labels_that_all_hang_together_are_refused() -> None:
    evidence = FlatEvidence()
    evidence.folds = np.zeros(4, dtype=np.int64)
    with pytest.raises(SourceError, match="held out"):
        fit_settings(evidence, StorySettings(), Path("one.jsonl"), "stories")


def test_few_stories_are_refused(tmp_path: Path) -> None:
    rows = [{**row, "story": STORY_OF.get(row["id"], row["id"])} for row in sample_rows()[:12]]
    file = write_lines(tmp_path / "few.jsonl", rows)
    with pytest.raises(SourceError, match=r"few.jsonl: \d stories .* nothing is changed"):
        calibrate_on_stories(file, HashingEncoder(), with_stories(StorySettings()))


def test_a_file_without_labels_is_refused() -> None:
    with pytest.raises(SourceError, match="story"):
        calibrate_on_stories(SAMPLE, HashingEncoder(), with_stories(StorySettings()))


@pytest.mark.thorough
def test_answers_about_pairs_move_the_threshold(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    n_pairs = 0
    for stories in RIVALS:
        ids = [one for story in stories for one in TRUTH[story]]
        write_answers(file, published, ids)
        n_pairs += len(ids) * (len(ids) - 1) // 2
    result = calibrate_on_pairs(file, with_stories(STRICT, published))
    assert result.kind == "pairs"
    assert result.n_labels == n_pairs
    assert len(result.folds) > 1
    assert result.proposed["threshold"] < 0.6
    assert result.fitted.value > result.before.value + 0.05


def test_pairs_that_share_an_article_or_a_cluster_are_in_one_fold(
    published: Path, tmp_path: Path
) -> None:
    ids = [*TRUTH["takeover"], *TRUTH["northmoor-parking"], *TRUTH["quake-inquiry"]]
    file = write_answers(tmp_path / "labels.jsonl", published, ids)
    with pytest.raises(SourceError, match="hang together"):
        calibrate_on_pairs(file, with_stories(StorySettings(), published))


@pytest.mark.parametrize(
    ("story", "words"),
    [("quake-strikes", "45 pairs of one story and 0 of two"), ("markets-monday", "3 pairs")],
)
def test_few_or_one_sided_answers_are_refused(
    published: Path, tmp_path: Path, story: str, words: str
) -> None:
    file = write_answers(tmp_path / "labels.jsonl", published, TRUTH[story])
    with pytest.raises(SourceError, match=f"{words}.*nothing is changed"):
        calibrate_on_pairs(file, with_stories(StorySettings(), published))


def test_answers_about_articles_that_are_gone_do_not_count(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    lines = [{"left_id": f"gone-{n}", "right_id": "z", "same": n % 2 == 0} for n in range(30)]
    write_lines(file, lines)
    with pytest.raises(SourceError, match="0 pairs of one story and 0 of two"):
        calibrate_on_pairs(file, with_stories(StorySettings(), published))


VALUES = {"threshold": 0.31, "min_ratio": 0.8}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing but a remark\n",
        "data_folder: here # mine\n",
        "data_folder: here",
        "stories:\n  threshold: 0.4  # by hand\n  window_days: 7\n# the end\n",
        "stories:\n    # first\n    window_days: 7 # a week\n    min_ratio: 0.5\n\nembedding:\n  model: hashing\n",
        "stories: {threshold: 0.4, window_days: 7}\n",
        "stories: {window_days: 7}",
        "embedding:\r\n  model: hashing\r\nstories:\r\n  threshold: .4\r\n",
        '"stories":\n  "threshold": 4.0e-1\n',
        "{data_folder: here}\n",
    ],
)
def test_writing_settings_changes_nothing_else(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(text.encode())
    before = load_settings(file)
    write_section(file, "stories", VALUES)
    assert load_settings(file) == replace(before, stories=replace(before.stories, **VALUES))
    written = file.read_bytes().decode()
    for remark in ("# nothing but a remark", "# mine", "# by hand", "# the end",
                   "# first", "# a week"):  # fmt: skip
        assert (remark in written) == (remark in text)
    assert written.count("\n") - written.count("\r\n") == 0 or "\r\n" not in text
    assert [one.name for one in tmp_path.iterdir()] == ["config.yaml"]


def test_writing_settings_twice_changes_nothing_more(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    write_section(file, "stories", VALUES)
    once = file.read_text()
    write_section(file, "stories", VALUES)
    assert file.read_text() == once
    assert once == "stories:\n  threshold: 0.31\n  min_ratio: 0.8\n"


def test_the_shipped_file_can_be_written_into(tmp_path: Path) -> None:
    from wirethread.flows.settings.file import write_default_settings

    file = tmp_path / "config.yaml"
    file.write_text(write_default_settings(), encoding="utf-8")
    write_section(file, "stories", VALUES)
    changed = [
        (old, new)
        for old, new in zip(
            write_default_settings().splitlines(), file.read_text().splitlines(), strict=True
        )
        if old != new
    ]
    assert [new for _, new in changed] == ["  threshold: 0.31", "  min_ratio: 0.8"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stories:\n  treshold: 0.3\n", "unknown setting"),
        ("stories: [1, 2]\n", "stories"),
        ("stories:\n", "stories"),
        ("stories: &x\n  threshold: 0.3\nthreads: {}\n---\na: 1\n", "config.yaml"),
    ],
)
def test_a_file_that_cannot_be_changed_safely_stays(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words):
        write_section(file, "stories", VALUES)
    assert file.read_text() == text
    assert [one.name for one in tmp_path.iterdir()] == ["config.yaml"]


def test_a_link_to_a_settings_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("data_folder: here\n")
    link = tmp_path / "config.yaml"
    link.symlink_to(tmp_path / "real.yaml")
    write_section(link, "stories", VALUES)
    assert link.is_symlink()
    settings: Any = load_settings(tmp_path / "real.yaml")
    assert settings.stories.threshold == 0.31


def test_labels_of_whole_stories_ask_for_coarser_clusters() -> None:
    """Pairs that are alike, eight days apart: no happening, but a story to who labelled them."""
    days = 8.0
    articles = [
        StoryArticle(article_id=ArticleId(f"{story:02d}{part}"), headline="", text="")
        for story in range(12)
        for part in "ab"
    ]
    links = [
        Link(
            left_id=ArticleId(f"{story:02d}a"), right_id=ArticleId(f"{story:02d}b"), score=0.17,
            dense=0.4, sparse=0.4, names=0.2, shared_copy=0.0, time_penalty=0.23, gap_days=days,
        )
        for story in range(12)
    ]  # fmt: skip
    stories = {article.article_id: article.article_id[:2] for article in articles}
    evidence = StoryEvidence(LinkTable(articles, links), stories, n_folds=3)
    found = fit_settings(evidence, StorySettings(), Path("labels"), "stories")
    assert found.present["granularity"] == "happening"
    assert found.proposed["granularity"] == "story"
    assert found.after.value == 1.0 > found.before.value
    assert found.is_better
