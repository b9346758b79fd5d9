"""What a person says about the clusters: checked, stored, applied at once, and shown."""

import getpass
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import xxhash

from wirethread.articles.errors import CorrectionError, NotFoundError
from wirethread.articles.types.articles import ArticleId, ClusterId, Correction, CorrectionKind
from wirethread.clustering.stories.contradictions import find_contradiction
from wirethread.flows.road import ROAD, count_backlog, do_steps, embed_damaged, list_dependents
from wirethread.flows.runs.run_names import name_run
from wirethread.flows.settings.config import Settings, dump_settings
from wirethread.flows.steps.embed import do_with_sound_vectors, open_encoder
from wirethread.flows.steps.loading import carry_corrections
from wirethread.flows.work import Bench
from wirethread.storage.answers.article import find_article
from wirethread.storage.answers.queries import get_story
from wirethread.storage.answers.types import ClusterDetail
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.publish import is_published
from wirethread.storage.sharing import publish_everywhere

__all__ = [
    "CorrectionEffect",
    "MovedArticle",
    "list_corrections",
    "pin_title",
    "say_apart",
    "say_together",
    "undo_correction",
]

STEPS = list_dependents("cluster")
"""What a correction lets be done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedArticle:
    """An article whose story cluster changed."""

    article_id: ArticleId
    headline: str
    before: ClusterId | None
    after: ClusterId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEffect:
    """What a correction changed."""

    correction: Correction
    is_new: bool
    """False where it was said before and still holds."""
    was_left: bool = False
    """True where it was said before by a process that was killed, and what follows from it was done
    only now."""
    moved: Sequence[MovedArticle]


def say_together(
    settings: Settings, left: str, right: str, *, reason: str = "", said_by: str | None = None
) -> CorrectionEffect:
    """Put two articles in one story cluster for good.

    `left` and `right` are articles, or story clusters, which are joined through their first
    articles. Raises `CorrectionError` with the chain that contradicts.
    """
    return say_pair(settings, CorrectionKind.TOGETHER, left, right, reason=reason, said_by=said_by)


def say_apart(
    settings: Settings, left: str, right: str, *, reason: str = "", said_by: str | None = None
) -> CorrectionEffect:
    """Keep two articles in different story clusters for good; otherwise as `say_together`."""
    return say_pair(settings, CorrectionKind.APART, left, right, reason=reason, said_by=said_by)


def say_pair(
    settings: Settings,
    kind: CorrectionKind,
    left: str,
    right: str,
    *,
    reason: str,
    said_by: str | None,
) -> CorrectionEffect:
    """Check, store and apply a correction on two articles."""
    with open_for_correction(settings) as catalog:
        ends = sorted((find_member(catalog, left), find_member(catalog, right)))
        if ends[0] == ends[1]:
            raise CorrectionError(f"{left} and {right} are the same article")
        correction = make_correction(kind, ends[0], ends[1], None, reason=reason, said_by=said_by)
        refuse_contradiction(catalog, correction)
        return apply_correction(catalog, settings, correction, ends)


def pin_title(
    settings: Settings, story: str, title: str, *, reason: str = "", said_by: str | None = None
) -> CorrectionEffect:
    """Give a story cluster a title that no later run changes."""
    if not title.strip():
        raise CorrectionError("the title is empty")
    with open_for_correction(settings) as catalog:
        found = get_story(catalog, story)
        if not isinstance(found, ClusterDetail):
            raise CorrectionError(f"{story} is a story thread: pin the title of a story cluster")
        correction = make_correction(
            CorrectionKind.PIN_TITLE,
            found.summary.cluster_id,
            None,
            title.strip(),
            reason=reason,
            said_by=said_by,
        )
        members = [article.article.article_id for article in found.articles]
        replaced = [
            entry.correction_id
            for entry in catalog.corrections.load_corrections()
            if entry.kind is CorrectionKind.PIN_TITLE
            and entry.left_id == correction.left_id
            and entry.correction_id != correction.correction_id
        ]
        return apply_correction(catalog, settings, correction, members, replaced=replaced)


def undo_correction(
    settings: Settings, correction_id: str, *, said_by: str | None = None
) -> CorrectionEffect:
    """Take a correction back; it stays on record as undone."""
    with open_for_correction(settings) as catalog:
        found = [
            correction
            for correction in catalog.corrections.load_corrections(active_only=False)
            if correction.correction_id == correction_id
        ]
        is_active = any(
            one.correction_id == correction_id for one in catalog.corrections.load_corrections()
        )
        was_left = bool(found) and not is_active and is_left_undone(catalog, settings)
        if not (is_active or was_left):
            raise CorrectionError(f"no correction {correction_id} is in force")
        members = list_named_articles(catalog, found[0])
        before = catalog.stories.find_clusters_of_articles(list_cluster_mates(catalog, members))
        if is_active:
            catalog.corrections.undo_correction(
                correction_id,
                undone_by=name_person(said_by),
                undone_at=datetime.now(UTC),
                reopens=STEPS,
                article_ids=members,
            )
        bring_up_to_date(catalog, settings, f"undo {correction_id}")
        return CorrectionEffect(
            correction=found[0],
            is_new=is_active,
            was_left=was_left,
            moved=find_moved(catalog, before),
        )


def list_corrections(folder: str, *, with_undone: bool = False) -> list[Correction]:
    """Return what people said, from the published snapshot, in the order they said it."""
    with Catalog.open_published(folder) as catalog:
        return catalog.corrections.load_corrections(active_only=not with_undone)


@contextmanager
def open_for_correction(settings: Settings) -> Iterator[Catalog]:
    """Hold the run lock and open the catalog. Raises `NotFoundError` where there is none."""
    with Catalog.open_published(settings.data_folder):
        pass  # says what to do where no run has been made
    with (
        hold_run_lock(settings.data_folder),
        Catalog.open(settings.data_folder, settings=settings.storage) as catalog,
    ):
        yield catalog


def find_member(catalog: Catalog, key: str) -> ArticleId:
    """Return the article that `key` names, or the first article of the story cluster it names.

    Of an article that has a later version that one is meant.
    """
    try:
        found = find_article(catalog, key)
        return catalog.versions.find_current([found]).get(found, found)
    except NotFoundError as error:
        try:
            story = get_story(catalog, key)
        except NotFoundError:
            raise error from None
    if not isinstance(story, ClusterDetail):
        raise CorrectionError(f"{key} is a story thread: name an article or a story cluster")
    return story.articles[0].article.article_id


def name_person(said_by: str | None) -> str:
    """Return who says it: the name given, or that of the account."""
    if said_by:
        return said_by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def make_correction(
    kind: CorrectionKind,
    left_id: str,
    right_id: str | None,
    title: str | None,
    *,
    reason: str,
    said_by: str | None,
) -> Correction:
    """Return a correction whose id follows from what it says."""
    content = "\x1f".join([kind.value, left_id, right_id or "", title or ""])
    return Correction(
        correction_id="c" + xxhash.xxh3_64_hexdigest(content.encode()),
        kind=kind,
        left_id=left_id,
        right_id=right_id,
        title=title,
        said_by=name_person(said_by),
        reason=reason,
        said_at=datetime.now(UTC),
    )


def refuse_contradiction(catalog: Catalog, correction: Correction) -> None:
    """Raise `CorrectionError` naming the chain of earlier corrections that stands against it."""
    chain = find_contradiction(
        carry_corrections(catalog, catalog.corrections.load_corrections()), correction
    )
    if chain is None:
        return
    words = "; ".join(
        f"{entry.correction_id}: {entry.left_id} {entry.kind.value} {entry.right_id}, "
        f"said by {entry.said_by} on {entry.said_at:%Y-%m-%d}"
        for entry in chain
    )
    raise CorrectionError(f"this contradicts what holds already ({words}); undo one of these first")


def apply_correction(
    catalog: Catalog,
    settings: Settings,
    correction: Correction,
    members: Sequence[ArticleId],
    *,
    replaced: Sequence[str] = (),
) -> CorrectionEffect:
    """Store a correction, cluster anew what it concerns, publish, and tell what moved.

    Those `replaced` are taken back in the same transaction. One that was said before is brought up
    to date where the process that said it was killed before it had published.
    """
    before = catalog.stories.find_clusters_of_articles(list_cluster_mates(catalog, members))
    n_touched = catalog.corrections.add_correction(
        correction, replaced=replaced, reopens=STEPS, article_ids=members
    )
    is_new = n_touched > len(replaced)
    was_left = not is_new and is_left_undone(catalog, settings)
    if n_touched or was_left:
        bring_up_to_date(catalog, settings, f"correction {correction.correction_id}")
    return CorrectionEffect(
        correction=correction,
        is_new=is_new,
        was_left=was_left,
        moved=find_moved(catalog, before),
    )


def is_left_undone(catalog: Catalog, settings: Settings) -> bool:
    """Tell whether what follows from corrections was not done, or not published."""
    backlog = count_backlog(catalog, settings)
    steps = {step.name for step in ROAD if step.mark in STEPS}
    return not is_published(catalog) or not steps.isdisjoint(backlog)


def list_named_articles(catalog: Catalog, correction: Correction) -> list[ArticleId]:
    """Return the articles that a correction is about."""
    if correction.kind is CorrectionKind.PIN_TITLE:
        present = catalog.stories.resolve_story_id(correction.left_id)
        found = catalog.stories.load_clusters([present])
        return [one for cluster in found for one in cluster.article_ids]
    carried = carry_corrections(catalog, [correction])
    return [ArticleId(end) for one in carried for end in (one.left_id, one.right_id) if end]


def list_cluster_mates(catalog: Catalog, members: Sequence[ArticleId]) -> list[ArticleId]:
    """Return all articles that share a story cluster with one of these."""
    clusters = catalog.stories.load_clusters(
        set(catalog.stories.find_clusters_of_articles(members).values())
    )
    return sorted({*members, *(one for cluster in clusters for one in cluster.article_ids)})


def find_moved(catalog: Catalog, before: dict[ArticleId, ClusterId]) -> list[MovedArticle]:
    """Return the articles whose cluster is another one than before."""
    after = catalog.stories.find_clusters_of_articles(before)
    headlines = catalog.surroundings.find_headlines(before)
    return [
        MovedArticle(
            article_id=article_id,
            headline=headlines[article_id],
            before=before[article_id],
            after=after.get(article_id),
        )
        for article_id in sorted(before)
        if after.get(article_id) != before[article_id]
    ]


def bring_up_to_date(catalog: Catalog, settings: Settings, cause: str) -> None:
    """Do the steps that a correction concerns, recorded as a run of its own, and publish."""
    run_id = name_run()
    encoder = open_encoder(catalog, settings.embedding)
    bench = Bench(settings=settings, encoder=encoder, run_id=run_id)
    catalog.runs.begin_run(run_id, [cause], json.dumps(dump_settings(settings)))
    begun = time.monotonic()
    counts = do_with_sound_vectors(
        lambda: do_steps([step for step in ROAD if step.mark in STEPS], bench, catalog),
        partial(embed_damaged, bench, catalog),
    )
    catalog.runs.record_step(run_id, "correct", time.monotonic() - begun, counts)
    catalog.runs.finish_run(run_id, "finished", counts)
    publish_everywhere(catalog, settings.storage, force=True)
