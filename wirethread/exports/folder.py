"""A whole archive as a folder of files: a folder a view, a partition a day, checksums, a README."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirethread import __version__
from wirethread.articles.errors import StorageError
from wirethread.exports.encoding import FILE_FORMS, TableWriter
from wirethread.exports.intake import INTAKE_FILE, write_intake
from wirethread.exports.readme import write_readme
from wirethread.sources.remote import is_remote, put_folder
from wirethread.storage.answers.page.schema import ViewSchema, list_views
from wirethread.storage.answers.whole.rows import stream_pieces
from wirethread.storage.answers.whole.selection import DAY, ViewQuery, select_view
from wirethread.storage.catalog import Catalog

__all__ = ["MANIFEST", "Exported", "ExportedFile", "export_archive"]

MANIFEST = "manifest.json"
FORMAT_VERSION = 1
"""Of the manifest; it changes when the meaning of a field does."""
NO_DAY = "__HIVE_DEFAULT_PARTITION__"
"""Name of the partition of articles without a date, which readers of such folders take for NULL."""
_MOST_OPEN = 200
"""Files of one view that are written at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file, by its path in the folder."""

    path: str
    n_rows: int
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    folder: str
    form: str
    n_articles: int
    n_views: int
    n_bytes: int
    files: Sequence[ExportedFile]


def export_archive(
    data: str | Path,
    target: str,
    *,
    form: str = "parquet",
    since: datetime | None = None,
    with_text: bool = True,
    replace: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Write every documented view of the newest snapshot into `target`, a folder or an address.

    The folder appears when it is whole; on an address (`s3://bucket/prefix`, whatever `fsspec`
    knows) the manifest is written last. `since` (aware) keeps what concerns articles published from
    then on. `tell` is called with each view as it is begun.

    Raises:
        NotFoundError: where nothing has been published.
        StorageError: where the folder holds something and `replace` is not set, holds no export, or
            cannot be written.
    """
    if form not in FILE_FORMS:
        raise ValueError(f"form must be one of {', '.join(FILE_FORMS)}, not {form!r}")
    if is_remote(target):
        with tempfile.TemporaryDirectory(prefix="wirethread-export-") as held:
            made = _write_folder(
                data, Path(held), form=form, since=since, with_text=with_text, tell=tell
            )
            put_folder(Path(held), target, last=MANIFEST, replace=replace)
        return _describe(target, form, *made)
    folder = Path(target)
    _refuse_other(folder, replace=replace)
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        made = _write_folder(data, partial, form=form, since=since, with_text=with_text, tell=tell)
        _swap(partial, folder)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return _describe(str(folder), form, *made)


def _refuse_other(folder: Path, *, replace: bool) -> None:
    """Raise `StorageError` unless the folder is free, or an export that may be replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file():
        raise StorageError(f"{folder} holds something that is no export of an archive")
    if not replace:
        raise StorageError(
            f"{folder} holds an export already: --replace puts this one in its place"
        )


def _swap(new: Path, folder: Path) -> None:
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_folder(
    data: str | Path,
    folder: Path,
    *,
    form: str,
    since: datetime | None,
    with_text: bool,
    tell: Callable[[str], None],
) -> tuple[list[ExportedFile], int, int]:
    """Return the files, and how many articles and views they hold."""
    rows: dict[str, int] = {}
    with Catalog.open_published(data) as catalog:
        views = list_views(catalog)
        moment = None if since is None else since.astimezone(UTC).replace(tzinfo=None)
        for view in views:
            tell(view.name)
            query = select_view(view, since=moment, with_text=with_text)
            rows |= _write_view(catalog, query, folder, form)
        if with_text:
            tell(INTAKE_FILE)
            rows[INTAKE_FILE] = write_intake(catalog, folder / INTAKE_FILE, since=moment)
        publication = catalog.publication_name
    files = [_measure(folder, path, n_rows) for path, n_rows in sorted(rows.items())]
    n_articles = sum(file.n_rows for file in files if file.path.startswith("articles/"))
    manifest = {
        "format_version": FORMAT_VERSION,
        "made_by": f"wirethread {__version__}",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "publication": publication,
        "form": form,
        "since": None if since is None else since.isoformat(),
        "with_text": with_text,
        "views": [asdict(_leave_text(view, with_text=with_text)) for view in views],
        "files": [asdict(file) for file in files],
    }
    words = json.dumps(manifest, ensure_ascii=False, indent=1, default=list)
    (folder / MANIFEST).write_text(words + "\n", encoding="utf-8")
    sums = "".join(f"{one.sha256}  {one.path}\n" for one in files)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    readme = write_readme(form, views, with_text=with_text)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    return files, n_articles, len(views)


def _leave_text(view: ViewSchema, *, with_text: bool) -> ViewSchema:
    kept = [column for column in view.columns if with_text or column.name != "text"]
    return ViewSchema(name=view.name, comment=view.comment, columns=kept)


def _write_view(catalog: Catalog, query: ViewQuery, folder: Path, form: str) -> dict[str, int]:
    """Write the rows of a view, in a file a day where they have one; return rows by path."""
    view = query.view
    comments = {column.name: column.comment for column in view.columns}
    (folder / view.name).mkdir()
    rows: dict[str, int] = {}
    writers: dict[str, TableWriter] = {}
    parts: dict[str, int] = {}
    pieces = stream_pieces(catalog, query.sql, query.parameters)
    with ExitStack() as stack:

        def open_writer(day: str | None, schema: pa.Schema) -> TableWriter:
            key = day or ""
            if key not in writers:
                if len(writers) >= _MOST_OPEN:
                    close_all()
                name = f"{view.name}/{f'{DAY}={day}/' if day else ''}"
                (folder / name).mkdir(exist_ok=True)
                path = f"{name}part-{parts.get(key, 0)}.{form}"
                parts[key] = parts.get(key, 0) + 1
                rows[path] = 0
                sink = stack.enter_context((folder / path).open("wb"))
                writers[key] = stack.enter_context(
                    TableWriter(sink, form, schema, comments=comments, comment=view.comment)
                )
                paths[key] = path
            return writers[key]

        def close_all() -> None:
            stack.close()
            writers.clear()

        paths: dict[str, str] = {}
        for number, piece in enumerate(pieces):
            if number == 0:
                schema = piece.drop_columns([DAY]).schema if query.has_days else piece.schema
                if not query.has_days:
                    open_writer(None, schema)
                continue
            for day, part in _split_days(piece, has_days=query.has_days):
                open_writer(day, schema).write(part)
                rows[paths[day or ""]] += part.num_rows
        if not rows:  # a view without rows still tells its columns
            open_writer(None, schema)
    return rows


def _split_days(piece: pa.Table, *, has_days: bool) -> Iterator[tuple[str | None, pa.Table]]:
    """Yield the rows of each day, without the day, under the name of its partition."""
    if not has_days:
        yield None, piece
        return
    days = piece.column(DAY)
    plain = piece.drop_columns([DAY])
    for day in sorted(set(days.to_pylist()), key=lambda day: day or date.min):
        is_day = pc.is_null(days) if day is None else pc.fill_null(pc.equal(days, day), False)
        yield NO_DAY if day is None else day.isoformat(), plain.filter(is_day)


def _measure(folder: Path, path: str, n_rows: int) -> ExportedFile:
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    n_bytes = (folder / path).stat().st_size
    return ExportedFile(path=path, n_rows=n_rows, n_bytes=n_bytes, sha256=digest)


def _describe(
    target: str, form: str, files: Sequence[ExportedFile], n_articles: int, n_views: int
) -> Exported:
    return Exported(
        folder=target,
        form=form,
        n_articles=n_articles,
        n_views=n_views,
        n_bytes=sum(file.n_bytes for file in files),
        files=files,
    )
