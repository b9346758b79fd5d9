"""How many of the first five passages answer a question, on questions whose answers were judged.

`python -m benchmarks.wirethread.search_quality CORPUS.jsonl.gz WORK_FOLDER` makes an archive of
each period of `search_questions.json` in the work folder, unless it stands there, asks, and prints
a table. The corpus is not part of this project: of the texts the questions hold ids and offsets.

- `name` and `meaning` are questions in words of our own. What the searches compared found was
  judged passage by passage, from its beginning: `answers` answer, `others` do not. The score is
  the share of the first five, or of as many answers as are known where they are fewer, that
  answer. A passage that nobody judged counts as none, and is counted apart.
- `exact` and `pasted` ask eight words, and the whole, of a passage chosen by chance. The score is
  the share whose passage is among the first five.

The period `fit` chose the constants of `wirethread/passage_scores.py` that `search_quality` is
named at; what `test` and `later` can show is told in `benchmarks/README.md`.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wirethread as wt
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.passage_search import PassageSearch
from wirethread.python.opened import OpenArchive

QUESTIONS = Path(__file__).with_name("search_questions.json")
N_FIRST = 5

Place = tuple[str, int, int]
"""Id of the article in the corpus, and the offsets of a paragraph in its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of the questions of one kind."""

    n_questions: int
    n_answering: int
    n_possible: int
    n_unjudged: int

    @property
    def share(self) -> float:
        """Of the answers that could stand among the first, so many do."""
        return self.n_answering / max(self.n_possible, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    written = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    print("| period | kind | questions | of the first five | not judged |")
    print("| --- | --- | ---: | ---: | ---: |")
    for period, (begin, end) in written["periods"].items():
        archive = make_archive(arguments.corpus, arguments.folder / period, begin, end)
        asked = [one for one in written["questions"] if one["half"] == period]
        for kind, score in ask_all(archive, asked).items():
            print(
                f"| {period} | {kind} | {score.n_questions} | {score.share:.3f}"
                f" ({score.n_answering}/{score.n_possible}) | {score.n_unjudged} |"
            )


def make_archive(corpus: Path, folder: Path, begin: str, end: str) -> Path:
    """Take in the articles of the days from `begin` up to `end`; return the data folder."""
    archive = folder / "archive"
    if not (archive / "published.duckdb").exists():
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / "articles.jsonl"
        source.write_text("".join(read_period(corpus, begin, end)), encoding="utf-8")
        wt.run(source, data=archive)
    return archive


def read_period(corpus: Path, begin: str, end: str) -> Iterator[str]:
    """Yield the lines of the articles of these days."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            if begin <= (json.loads(line)["published_at"] or "")[:10] < end:
                yield line


def ask_all(archive: Path, asked: Sequence[Mapping[str, Any]]) -> dict[str, Score]:
    """Return the score of each kind of question."""
    with wt.open(archive) as opened:
        places: dict[tuple[str, int], Place] = {
            (row["article_id"], row["position"]): (row["source_id"], row["begin"], row["end"])
            for row in opened.sql(
                'SELECT article_id, "position", source_id, "begin", "end"'
                " FROM paragraphs JOIN articles USING (article_id) WHERE kind = 'body'"
            )
        }
        texts = [compose_question(question, opened) for question in asked]
    scores: dict[str, Score] = {}
    with PassageSearch(archive, LazyEncoder(EmbeddingSettings())) as search:
        for question, text in zip(asked, texts, strict=True):
            found = search.find_similar(text, limit=N_FIRST)
            stood = [
                {places[hit.article_id, hit.position] for hit in (one.hit, *one.also)}
                for one in found
            ]
            before = scores.get(question["kind"], Score(**dict.fromkeys(Score.__slots__, 0)))
            scores[question["kind"]] = add_question(before, question, stood)
    return scores


def compose_question(question: Mapping[str, Any], opened: OpenArchive) -> str:
    """Return the words that are asked, out of the archive where they are not ours."""
    if "question" in question:
        return str(question["question"])
    article, begin, end = question["passage"]
    (row,) = opened.sql(
        'SELECT paragraphs."text", "begin" FROM paragraphs JOIN articles USING (article_id)'
        """ WHERE kind = 'body' AND source_id = ? AND "begin" <= ? AND "end" >= ?""",
        [article, begin, end],
    )
    return str(row["text"])[begin - row["begin"] : end - row["begin"]]


def add_question(score: Score, question: Mapping[str, Any], stood: Sequence[set[Place]]) -> Score:
    """Return the score with one more question, for the places of each passage found."""
    answers = {tuple(place) for place in question["answers"]}
    others = {tuple(place) for place in question["others"]}
    is_chosen = "passage" in question
    return Score(
        n_questions=score.n_questions + 1,
        n_answering=score.n_answering + sum(bool(one & answers) for one in stood),
        n_possible=score.n_possible + min(N_FIRST, len(answers)),
        n_unjudged=score.n_unjudged
        + (0 if is_chosen else sum(not one & (answers | others) for one in stood)),
    )


if __name__ == "__main__":
    main()
