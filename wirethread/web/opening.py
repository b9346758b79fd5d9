"""An archive as the pages ask it, opened while the rest of the server is still being loaded."""

from contextlib import suppress
from pathlib import Path
from threading import Thread

from wirethread.archive import Archive, Snapshot
from wirethread.articles.errors import WirethreadError
from wirethread.storage.answers.page.front import prepare_front
from wirethread.storage.engine.database import StorageSettings

__all__ = ["make_front", "open_ahead", "open_archive"]


def open_archive(folder: Path) -> Archive:
    """Return an archive as pages ask it."""
    # many small questions at once: readers take turns on the cores, a question does not split
    return Archive(folder, settings=StorageSettings(threads=1))


def make_front(snapshot: Snapshot) -> None:
    """Work out the numbers of all threads of a publication, once."""
    snapshot.make_once("front", prepare_front)


def open_ahead(folder: Path) -> Archive:
    """Return an archive that another thread opens, with what the first answer needs."""
    archive = open_archive(folder)

    def open_it() -> None:
        with suppress(WirethreadError), archive.read() as snapshot:
            make_front(snapshot)

    Thread(target=open_it, name="open ahead", daemon=True).start()
    return archive
