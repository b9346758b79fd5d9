"""A link in a watched folder gives nothing away that lies outside of it."""

from pathlib import Path

import pytest

from tests.flows.driving import sample_rows, write_lines
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import RejectedArticle
from wirethread.flows.intake.inbox import read_watched
from wirethread.flows.settings.sections import IngestSettings
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder with two articles and links to where others lie."""
    folder, outside = tmp_path / "watched", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    rows = sample_rows(["rtr-quake-1", "ng-festival", "ap-quake-1"])
    write_lines(folder / "in.jsonl", rows[:1])
    write_lines(folder / ".hidden.jsonl", rows[1:2])
    write_lines(outside / "secret.jsonl", rows[2:])
    (folder / "sub").mkdir()
    (folder / "sub" / "inside.jsonl").symlink_to(folder / ".hidden.jsonl")
    (folder / "out.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "round.jsonl").symlink_to("../watched/../outside/secret.jsonl")
    (folder / "nowhere.jsonl").symlink_to(outside / "nothing.jsonl")
    (folder / "self.jsonl").symlink_to("self.jsonl")
    (folder / "all").symlink_to(outside)
    return folder


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_links_out_of_a_watched_folder_are_not_followed(
    watched: Path, tmp_path: Path, kind: str
) -> None:
    place = {"folder": str(watched)} if kind == "folder" else {"file": f"{watched}/**/*.jsonl"}
    source = SourceSettings(name="inbox", **place)
    with Catalog.open(tmp_path / "data") as catalog:
        counts = read_watched(catalog, source, "r", IngestSettings(), settle_seconds=0)
        read = catalog._database.fetch_rows("SELECT source_id FROM articles ORDER BY 1")
        assert read == [("ng-festival",), ("rtr-quake-1",)]
        reasons = catalog._database.fetch_rows("SELECT DISTINCT reason FROM rejected_articles")
        assert reasons == [("it is a link that leads out of the folder, or nowhere",)]
        assert counts.n_rejected >= 2
        again = read_watched(catalog, source, "r", IngestSettings(), settle_seconds=0)
        assert again.n_read == 0  # told once


def test_links_out_of_a_folder_that_is_read_once_are_set_aside(watched: Path) -> None:
    found = list(read_articles(watched))
    refused = {Path(one.source).name for one in found if isinstance(one, RejectedArticle)}
    assert refused == {"out.jsonl", "round.jsonl", "nowhere.jsonl", "self.jsonl"}
    assert len(found) == len(refused) + 2
