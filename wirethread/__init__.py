"""wirethread: which copy travels between news articles, who supplied it, and how we know.

    import wirethread as wt

    with wt.open("wirethread-data") as archive:
        for story in archive.stories(agency="Reuters"):
            print(story.title, story.n_independent_sources)

What is named here is imported when it is first used; `docs/python.md` shows all of it.
"""

import importlib

__version__ = "0.2.0"

_PLACES = {
    "wirethread.articles.errors": (
        "ConfigError",
        "CorrectionError",
        "DamagedVectorsError",
        "ModelError",
        "NotFoundError",
        "RunInProgressError",
        "SourceError",
        "StorageError",
        "WirethreadError",
    ),
    "wirethread.articles.types.articles": (
        "Correction",
        "CorrectionKind",
        "CreditRole",
        "Derivation",
        "Link",
        "Paragraph",
        "ParagraphKind",
        "ParagraphState",
        "ParsedArticle",
        "PassageMatch",
        "Relation",
        "StoryEventKind",
        "ThreadState",
        "TimePrecision",
        "WireCredit",
    ),
    "wirethread.clustering.stories.reasons": ("GroupComparison", "LinkExplanation", "ScorePart"),
    "wirethread.clustering.types": (
        "AlignedPassage",
        "DiffPiece",
        "NamedScore",
        "PairExplanation",
    ),
    "wirethread.flows.operations.explain": ("PairReport", "PathStep", "StoryReport"),
    "wirethread.flows.runs.results": ("RunResult", "StepRecord"),
    "wirethread.flows.settings.config": ("Settings",),
    "wirethread.passage_search": ("SimilarPassage",),
    "wirethread.python.answers": ("Answers", "Row"),
    "wirethread.python.awaited": ("AsyncArchive", "open_async"),
    "wirethread.python.comparing": ("ComparedPassage", "Comparison", "compare"),
    "wirethread.python.deduping": ("Deduplication", "DroppedRecord", "DuplicatePair", "dedupe"),
    "wirethread.python.opened": ("OpenArchive", "open_archive"),
    "wirethread.python.plotting": ("Plot", "Plots"),
    "wirethread.python.running": ("run",),
    "wirethread.python.singles": ("Article", "Pair", "StoryCluster", "StoryThread"),
    "wirethread.storage.answers.copies": ("CopyPair", "Duplicate", "OutletWire"),
    "wirethread.storage.answers.page.overviews": ("SourceRow",),
    "wirethread.storage.answers.types": (
        "ArticleDetail",
        "ArticleSummary",
        "ArticleVersion",
        "ClusterArticle",
        "ClusterDetail",
        "ClusterSummary",
        "EventRecord",
        "MatchedPlace",
        "ParagraphDetail",
        "ParagraphSource",
        "PassageHit",
        "PassageSummary",
        "ThreadDetail",
        "ThreadSummary",
    ),
    "wirethread.storage.tables.notices": ("OutdatedCopy",),
}
_SHORT = {"open": "open_archive"}
"""Names that read well behind `wt.` only."""
_FOUND = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [  # noqa: PLE0604 - strings, which ruff does not see
    "__version__",
    *sorted({*_FOUND, *_SHORT} - {*_SHORT.values()}),
]


def __getattr__(name: str) -> object:
    known = _SHORT.get(name, name)
    if known not in _FOUND:
        raise AttributeError(f"module 'wirethread' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_FOUND[known]), known)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
