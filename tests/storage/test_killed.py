"""A process is killed at chosen points; the next one must end in the state of an undisturbed run.

The child patches itself, so that nothing of this stands in the product.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.digesting import digest_content
from tests.storage.making import RUN, make_article, make_hashes, make_link, make_match, make_vectors
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.vectors.segments import VectorSegments
from wirethread.storage.words.index import measure_rows, open_words

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import os, signal, sys
from pathlib import Path
import wirethread.storage.engine.file_copy, wirethread.storage.publish, wirethread.storage.vectors.files, wirethread.storage.vectors.segments
import wirethread.storage.words.writing
from wirethread.storage.engine.database import Database
from tests.storage.test_killed import run_everything

folder, point = Path(sys.argv[1]), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at_commit(number):
    seen = 0
    execute = Database.execute
    def counting(self, sql, parameters=()):
        nonlocal seen
        if sql == "COMMIT":
            seen += 1
            if seen == number:
                die()
        return execute(self, sql, parameters)
    Database.execute = counting

kind, _, number = point.partition(":")
if kind == "commit":
    die_at_commit(int(number))
elif kind == "after_commit":
    execute = Database.execute
    def dying(self, sql, parameters=()):
        result = execute(self, sql, parameters)
        if sql == "COMMIT":
            dying.left -= 1
            if dying.left == 0:
                die()
        return result
    dying.left = int(number)
    Database.execute = dying
elif kind == "segment_renamed":
    write = wirethread.storage.vectors.segments.write_segment
    wirethread.storage.vectors.segments.write_segment = lambda *a: (write(*a), die())
elif kind == "segment_half":
    wirethread.storage.vectors.files.checksum_file = die
elif kind == "words_half":
    wirethread.storage.words.writing.join_ids = die
elif kind == "words_added":
    wirethread.storage.words.writing.remember_words_files = die
elif kind == "copying":
    wirethread.storage.publish.copy_file = lambda source, target: (target.write_bytes(b"half"), die())
elif kind == "swapping":
    wirethread.storage.publish.sync_folder = die
run_everything(folder)
"""


def run_everything(folder: Path) -> str:
    """A small run over every kind of write; returns the digest of its end state."""
    with Catalog.open(folder) as catalog:
        vectors = VectorSegments(folder, catalog, model_id="m", dimension=32)
        vectors.drop_damaged()
        vectors.remove_orphans()
        catalog.runs.begin_run(RUN, [], "{}")
        catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2")])
        catalog.articles.add_articles(RUN, [make_article("c3", published_at=None)])
        while len(batch := catalog.vectors.select_texts_to_embed("m", 2)):
            vectors.add(batch.hashes, make_vectors(len(batch), seed=int(batch.hashes[0]) & 0xFFFF))
        for article_id in catalog.runs.list_pending("match"):
            verdicts = [make_match("a1", "b2")] if article_id != "c3" else []
            with catalog.finishing("match", [article_id], RUN):
                catalog.copy.replace_verdicts(RUN, verdicts, [article_id])
        if pending := catalog.runs.list_pending("link"):
            with catalog.finishing("link", pending, RUN):
                catalog.stories.replace_links(RUN, [make_link("a1", "b2")], pending)
        vectors.compact_segments(min_rows=100)
        catalog.runs.finish_run(RUN, "finished", {})
        publish_snapshot(catalog)
        return digest_content(catalog)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run_everything(tmp_path_factory.mktemp("undisturbed"))


POINTS = [
    "commit:5",  # the first transactions create the schema
    pytest.param("commit:6", marks=pytest.mark.slow),
    "after_commit:7",
    pytest.param("commit:8", marks=pytest.mark.slow),
    pytest.param("after_commit:9", marks=pytest.mark.slow),
    pytest.param("commit:12", marks=pytest.mark.slow),
    "segment_renamed",
    pytest.param("segment_half", marks=pytest.mark.slow),
    "words_half",
    "words_added",
    pytest.param("copying", marks=pytest.mark.slow),
    "swapping",
]


@pytest.mark.thorough
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_run_goes_on_and_ends_as_if_undisturbed(
    tmp_path: Path, undisturbed: str, point: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), point], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert run_everything(tmp_path) == undisturbed
    with Catalog.open_published(tmp_path) as snapshot:
        assert digest_content(snapshot) == undisturbed
        reader = VectorSegments(tmp_path, snapshot, model_id="m", dimension=32)
        assert reader.check() == []
        assert reader.search(make_vectors(1), 50)[0].shape[1] == snapshot._database.fetch_value(
            "SELECT sum(n_rows) FROM vector_segments"
        )
        words = open_words(snapshot)
        assert words is not None
        assert words.measure() == measure_rows(snapshot._database)
        assert words.find_forms("harbour")
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"catalog.duckdb", "published.duckdb", "published.spare", "vectors", "words"}


def test_running_everything_twice_changes_nothing(tmp_path: Path, undisturbed: str) -> None:
    run_everything(tmp_path)
    with Catalog.open(tmp_path) as catalog:
        version = catalog.change_number
    assert run_everything(tmp_path) == undisturbed
    with Catalog.open(tmp_path) as catalog:
        assert catalog.change_number == version


def test_the_digest_sees_every_change(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        seen = {digest_content(catalog)}
        catalog.articles.add_articles(RUN, [make_article("a1")])
        seen.add(digest_content(catalog))
        catalog.runs.mark_done("match", ["a1"], RUN)
        seen.add(digest_content(catalog))
        vectors = VectorSegments(tmp_path, catalog, model_id="m", dimension=32)
        vectors.add(make_hashes(3), make_vectors(3))
        seen.add(digest_content(catalog))
        assert len(seen) == 4
