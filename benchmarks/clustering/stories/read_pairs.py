"""Whether pairs of articles that were read belong together, beside what clusters and threads say.

`python -m benchmarks.clustering.stories.read_pairs CORPUS.jsonl.gz WORK_FOLDER` makes an archive
of the days of `read_pairs.json` in the work folder, unless it stands there, and prints for both
levels how many of the joined pairs are right, how many of the right ones are joined, and which are
not. The corpus is not part of this project; the file holds ids alone.

The pairs were drawn by the cosine of their openings (45 from .35, 55 from .5, 50 from .62 on), not
by what the program says of them, and labelled by headlines and first lines before that was looked
at: `happening`, `story` (of one story, as its next step, but not of one happening) or `neither`.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import wirethread as wt

PAIRS = Path(__file__).with_name("read_pairs.json")
RIGHT: Mapping[str, frozenset[str]] = {
    "clusters": frozenset(("happening",)),
    "threads": frozenset(("happening", "story")),
}
"""Labels of the pairs that each level is to join."""

Pair = tuple[str, str, str]
"""The ids of two articles, and the label."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    written = json.loads(PAIRS.read_text(encoding="utf-8"))
    archive = arguments.folder / "archive"
    if not (archive / "published.duckdb").exists():
        arguments.folder.mkdir(parents=True, exist_ok=True)
        source = arguments.folder / "articles.jsonl"
        source.write_text("".join(read_days(arguments.corpus, written)), encoding="utf-8")
        wt.run(source, data=archive)
    for level, groups in read_groups(archive).items():
        print(f"{level}: {tell_agreement(written['pairs'], groups, RIGHT[level])}")


def read_days(corpus: Path, written: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the articles of the days from `begin` up to `end`."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            if written["begin"] <= (json.loads(line)["published_at"] or "")[:10] < written["end"]:
                yield line


def read_groups(archive: Path) -> dict[str, dict[str, str]]:
    """Return for both levels the group of each article, by its id in the corpus."""
    with wt.open(archive) as opened:
        rows = list(
            opened.sql(
                "SELECT source_id, cluster_id, thread_id FROM articles"
                " JOIN story_cluster_articles USING (article_id)"
                " JOIN story_thread_clusters USING (cluster_id)"
            )
        )
    return {
        "clusters": {row["source_id"]: row["cluster_id"] for row in rows},
        "threads": {row["source_id"]: row["thread_id"] for row in rows},
    }


def tell_agreement(
    pairs: Sequence[Pair], groups: Mapping[str, str], right_labels: frozenset[str]
) -> str:
    """Return in words how far the groups join the pairs with these labels, and no others."""
    right = {number for number, (_, _, label) in enumerate(pairs) if label in right_labels}
    joined = {
        number
        for number, (left, other, _) in enumerate(pairs)
        if left in groups and groups[left] == groups.get(other)
    }
    n_both = len(right & joined)
    precision, recall = n_both / max(len(joined), 1), n_both / max(len(right), 1)
    return (
        f"{len(joined)} of {len(pairs)} pairs joined, {n_both} rightly, of {len(right)} to join"
        f" (precision {precision:.2f}, recall {recall:.2f});"
        f" wrong {sorted(joined - right)}, missed {sorted(right - joined)}"
    )


if __name__ == "__main__":
    main()
