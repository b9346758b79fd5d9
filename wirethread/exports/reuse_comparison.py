"""Clusters of reuse that passim found, beside the passages of an archive: who found what.

passim's output is a JSON object a line for every place: `cluster`, `id`, `begin`, `end`. Documents
are known by the id, the id in their source or the address that they have in the archive.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from wirethread.articles.errors import SourceError
from wirethread.storage.answers.whole.places import stream_article_names, stream_place_spans
from wirethread.storage.catalog import Catalog

__all__ = ["ReuseComparison", "ReusePlace", "compare_clusters", "read_clusters"]

_LEAST_OVERLAP = 0.5
"""Two spans are one place from this share of the shorter one on."""
_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReusePlace:
    """A span of an article, with the cluster or passage that it belongs to."""

    cluster: str
    article_id: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseComparison:
    """How far the clusters of a file and the passages of an archive agree."""

    n_clusters: int
    """Clusters of the file with a place in an article that the archive has."""
    n_clusters_found: int
    """Those of which two places or more stand in one passage."""
    n_passages: int
    n_passages_found: int
    """Passages of which two places or more stand in one cluster."""
    n_places: int
    """Places of the file in articles that the archive has."""
    n_places_found: int
    """Those that are a place of a passage too."""
    n_passage_places: int
    n_passage_places_found: int
    """Places of passages that are a place of the file too."""
    n_unknown: int
    """Places of the file in documents that the archive does not have."""
    only_in_file: Sequence[ReusePlace]
    """Places that no passage has, 100 at most."""
    only_in_archive: Sequence[ReusePlace]
    """Places of passages that the file has not, 100 at most; `cluster` is the passage's id."""


def read_clusters(file: Path) -> Iterator[ReusePlace]:
    """Yield the places of passim's output, a file (also gzipped) or a folder of `.json` files.

    Raises `SourceError` naming file and line where it is something else.
    """
    parts = sorted(file.glob("*.json*")) if file.is_dir() else [file]
    if not parts:
        raise SourceError(f"{file} holds no file of passim's output (*.json)")
    for part in parts:
        try:
            with _open_text(part) as lines:
                yield from _read_lines(part, lines)
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or error
            raise SourceError(f"{part} cannot be read: {words}") from None


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _read_lines(path: Path, lines: Iterable[str]) -> Iterator[ReusePlace]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
            place = ReusePlace(
                cluster=str(row["cluster"]),
                article_id=str(row["id"]),
                begin=int(row["begin"]),
                end=int(row["end"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise SourceError(f"{path}:{number}: no place of passim's output: {what}") from None
        yield place


def compare_clusters(catalog: Catalog, places: Iterable[ReusePlace]) -> ReuseComparison:
    """Return how far clusters of reuse agree with the passages of an open archive.

    Two spans of an article are one place where half of the shorter one or more is common. The time
    grows with the places.
    """
    ids = _list_ids(catalog)
    given = list(places)
    theirs = [
        ReusePlace(cluster=place.cluster, article_id=known, begin=place.begin, end=place.end)
        for place in given
        if (known := ids.get(place.article_id)) is not None
    ]
    ours = [
        ReusePlace(
            cluster=row["passage_id"],
            article_id=row["article_id"],
            begin=row["begin"],
            end=row["end"],
        )
        for row in stream_place_spans(catalog)
    ]
    matched = list(_match_places(theirs, ours))
    found = {left for left, _ in matched}
    our_found = {right for _, right in matched}
    shared = Counter(
        (theirs[left].cluster, ours[right].cluster) for left, right in sorted(set(matched))
    )
    together = [pair for pair, n_places in shared.items() if n_places > 1]
    return ReuseComparison(
        n_clusters=len({place.cluster for place in theirs}),
        n_clusters_found=len({cluster for cluster, _ in together}),
        n_passages=len({one.cluster for one in ours}),
        n_passages_found=len({passage_id for _, passage_id in together}),
        n_places=len(theirs),
        n_places_found=len(found),
        n_passage_places=len(ours),
        n_passage_places_found=len(our_found),
        n_unknown=len(given) - len(theirs),
        only_in_file=[one for number, one in enumerate(theirs) if number not in found][:_SHOWN],
        only_in_archive=[one for number, one in enumerate(ours) if number not in our_found][
            :_SHOWN
        ],
    )


def _list_ids(catalog: Catalog) -> Mapping[str, str]:
    """Return article ids by every name that a document may have; the id itself goes first."""
    rows = list(stream_article_names(catalog))
    names = {row["url"]: row["article_id"] for row in rows if row["url"]}
    names |= {row["source_id"]: row["article_id"] for row in rows if row["source_id"]}
    return names | {row["article_id"]: row["article_id"] for row in rows}


def _match_places(
    theirs: Sequence[ReusePlace], ours: Sequence[ReusePlace]
) -> Iterator[tuple[int, int]]:
    """Yield places of both, by number, that are one."""
    by_article = defaultdict[str, list[int]](list)
    for number, place in enumerate(ours):
        by_article[place.article_id].append(number)
    for number, place in enumerate(theirs):
        for other in by_article[place.article_id]:
            common = min(place.end, ours[other].end) - max(place.begin, ours[other].begin)
            shorter = min(place.end - place.begin, ours[other].end - ours[other].begin)
            if common > 0 and common >= _LEAST_OVERLAP * shorter:
                yield number, other
