"""Ask an archive for passages like texts, one question after another, in a process of its own."""

import time
from typing import Any

from benchmarks.job import run_job
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.passage_search import PassageSearch, SearchBy
from wirethread.storage.answers.search import rank_words
from wirethread.storage.catalog import Catalog

__all__ = ["ask"]


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """Ask all of `request["questions"]` twice; `seconds` has one number a question, of the second.

    The system is one of `SearchBy`, asked of an archive that stays open, or `scan`: words without
    the index, by reading every text, asked once.
    """
    seconds, cpu_seconds, n_found = [], [], []
    with (
        Catalog.open_published(request["archive"]) as catalog,
        PassageSearch(request["archive"], LazyEncoder(EmbeddingSettings())) as search,
    ):

        def answer(question: str) -> int:
            if request["system"] == "scan":
                return len(rank_words(catalog, question, limit=10))
            return len(search.find_similar(question, by=SearchBy(request["system"])))

        if request["system"] != "scan":
            for question in request["questions"]:
                answer(question)
        for question in request["questions"]:
            begin, cpu_begin = time.perf_counter(), time.process_time()
            n_found.append(answer(question))
            seconds.append(time.perf_counter() - begin)
            cpu_seconds.append(time.process_time() - cpu_begin)
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "n_found": n_found}


if __name__ == "__main__":
    run_job(ask)
