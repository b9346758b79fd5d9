"""Precision and recall of wire credits on labelled mentions of agencies.

    python -m benchmarks.articles.credits.labelled_credits CORPUS.jsonl.gz [LABELS.jsonl] [--wrong]

The labels (`tests/articles/credits/credit_labels.jsonl`) name places in the articles of a corpus
that is not part of this project: article id, offsets of the agency's name, agency, and its role
there as a person read it: `source` or `contributor` (a credit for text), `photo`, or `none` (a
citation, a poll, the agency as a subject, another sense of the word). `--wrong` lists what was
decided differently.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from benchmarks.measuring import ROOT
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import ParsedArticle, RejectedArticle

TEXT_ROLES = frozenset(("source", "contributor", "handout"))
DEFAULT_LABELS = ROOT / "tests/articles/credits/credit_labels.jsonl"


def decide_role(parsed: ParsedArticle, begin: int, end: int, agency: str) -> str:
    """Return the role that our credits give the mention at `begin:end`."""
    roles = {
        credit.role.value
        for credit in parsed.credits
        if credit.agency == agency and credit.begin <= begin and end <= credit.end
    }
    return next(
        (role for role in ("source", "contributor", "handout", "photo") if role in roles), "none"
    )


def measure_credits(corpus: Path, labels: Path) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Count (labelled role, decided role), and describe each difference by id and offsets."""
    wanted: dict[str, list[dict[str, object]]] = {}
    for line in labels.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        wanted.setdefault(label["id"], []).append(label)
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for source in read_articles(corpus):
        if isinstance(source, RejectedArticle) or source.source_id not in wanted:
            continue
        parsed = parse_article(source)
        if isinstance(parsed, RejectedArticle):
            continue
        for label in wanted[source.source_id]:
            begin, end = int(str(label["begin"])), int(str(label["end"]))
            decided = decide_role(parsed, begin, end, str(label["agency"]))
            counts[str(label["role"]), decided] += 1
            if decided != label["role"]:
                text = parsed.article.text
                words = text[max(0, begin - 90) : end + 60].replace("\n", " ¶ ")
                wrong.append(f"{source.source_id}:{begin} {label['role']} -> {decided}: {words}")
    return counts, wrong


def score(counts: Counter[tuple[str, str]], roles: frozenset[str]) -> tuple[float, float, int]:
    """Return precision, recall and the number of labels for a set of roles taken as one."""
    right = sum(n for (label, decided), n in counts.items() if label in roles and decided in roles)
    decided = sum(n for (_, role), n in counts.items() if role in roles)
    labelled = sum(n for (role, _), n in counts.items() if role in roles)
    return right / max(decided, 1), right / max(labelled, 1), labelled


def main(arguments: list[str]) -> None:
    """Print the table."""
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if not paths:
        sys.exit(__doc__)
    counts, wrong = measure_credits(paths[0], paths[1] if len(paths) > 1 else DEFAULT_LABELS)
    for name, roles in (
        ("text credit", TEXT_ROLES),
        ("  source", frozenset(("source",))),
        ("  contributor", frozenset(("contributor",))),
        ("photo credit", frozenset(("photo",))),
    ):
        precision, recall, labelled = score(counts, roles)
        print(f"{name:14} labels {labelled:4}  precision {precision:.3f}  recall {recall:.3f}")
    print("labelled -> decided:", dict(sorted(counts.items())))
    if "--wrong" in arguments:
        print("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
