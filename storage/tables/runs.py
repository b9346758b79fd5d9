"""Runs, their steps, what each step has done, and the counters of the catalog."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from wirethread import __version__
from wirethread.articles.types.articles import ArticleId
from wirethread.storage.engine.bulk import ids_table, now_utc
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.places import find_oldest

__all__ = [
    "begin_run",
    "bump_counter",
    "change_content",
    "find_waiting",
    "finish_run",
    "list_pending",
    "mark_done",
    "open_step",
    "open_steps",
    "read_counter",
    "record_step",
    "reopen_steps",
]

_BY_TIME = " ORDER BY published_at NULLS LAST, article_id"


def begin_run(database: Database, run_id: str, sources: Sequence[str], settings_json: str) -> None:
    """Record that a run starts; earlier ones still marked as running become interrupted."""
    json.loads(settings_json)
    database.execute("UPDATE store.runs SET state = 'interrupted' WHERE state = 'running'")
    database.execute("DELETE FROM store.runs WHERE run_id = ?", [run_id])
    database.execute(
        "INSERT INTO store.runs (run_id, started_at, state, sources, settings, counts, version)"
        " VALUES (?, ?, 'running', ?, ?, MAP {}, ?)",
        [run_id, now_utc(), list(sources), settings_json, __version__],
    )


def record_step(
    database: Database, run_id: str, step: str, seconds: float, counts: Mapping[str, int]
) -> None:
    """Record one step of a run; a second call for the step replaces the first."""
    database.execute("DELETE FROM store.run_steps WHERE run_id = ? AND step = ?", [run_id, step])
    database.execute(
        "INSERT INTO store.run_steps (run_id, step, seconds, counts, recorded_at)"
        " VALUES (?, ?, ?, map(?::VARCHAR[], ?::BIGINT[]), ?)",
        [run_id, step, seconds, *_as_lists(counts), now_utc()],
    )


def finish_run(
    database: Database,
    run_id: str,
    state: str,
    counts: Mapping[str, int],
    message: str | None = None,
) -> None:
    """Record how a run ended: `finished` or `failed`."""
    database.execute(
        "UPDATE store.runs SET finished_at = ?, state = ?, counts = map(?::VARCHAR[], ?::BIGINT[]),"
        " message = ? WHERE run_id = ?",
        [now_utc(), state, *_as_lists(counts), message, run_id],
    )


def _as_lists(counts: Mapping[str, int]) -> tuple[list[str], list[int]]:
    names = sorted(counts)
    return names, [int(counts[name]) for name in names]


def list_pending(
    database: Database, step: str, *, fingerprint: str = "", after: str | None = None
) -> list[ArticleId]:
    """Return the articles that `step` has not dealt with under `fingerprint`, by time and id.

    `fingerprint` names the settings: under another one every article is pending again. With
    `after`, only those that the step of that name has dealt with. Superseded articles are among
    them: to deal with one is to take it out of what the step keeps.
    """
    if after is not None and _find_fingerprint(database, after) is None:
        return []
    before = (
        ""
        if after is None
        else " AND article_id NOT IN"
        " (SELECT article_id FROM store.step_pending WHERE step = $after)"
    )
    asked = {} if after is None else {"after": after}
    ids = find_waiting(database, step, fingerprint)
    if ids is None:
        rows = database.fetch_rows(
            f"SELECT article_id FROM store.articles WHERE true{before}{_BY_TIME}", asked
        )
    elif not ids:
        return []
    else:
        with database.registered(waiting=ids_table(ids)):
            rows = database.fetch_rows(
                f"SELECT article_id FROM store.articles WHERE written >= $since{before}"
                f" AND article_id IN (SELECT id FROM waiting){_BY_TIME}",
                {"since": find_oldest(database, ids), **asked},
            )
    return [ArticleId(row[0]) for row in rows]


def find_waiting(database: Database, step: str, fingerprint: str) -> list[ArticleId] | None:
    """Return the articles that wait for `step` under `fingerprint`, in no order; None for all."""
    if _find_fingerprint(database, step) != fingerprint:
        return None
    rows = database.fetch_rows("SELECT article_id FROM store.step_pending WHERE step = ?", [step])
    return [ArticleId(row[0]) for row in rows]


def mark_done(
    database: Database, step: str, article_ids: Iterable[str], run_id: str, *, fingerprint: str = ""
) -> int:
    """Record that `step` has dealt with the articles under `fingerprint`; return how many are new.

    Under another fingerprint than before, all other articles wait for the step again.
    """
    done = set(article_ids)
    is_new_fingerprint = _find_fingerprint(database, step) != fingerprint
    if is_new_fingerprint:
        open_step(database, step)
        database.execute(
            "INSERT INTO store.step_versions VALUES (?, ?, ?)", [step, fingerprint, run_id]
        )
        database.execute(
            "INSERT INTO store.step_pending SELECT ?, article_id FROM store.articles"
            " ORDER BY article_id",
            [step],
        )
    with database.registered(done_ids=ids_table(done)):
        n_done = database.execute(
            "DELETE FROM store.step_pending WHERE step = ?"
            " AND article_id IN (SELECT id FROM done_ids)",
            [step],
        )
    return len(done) if is_new_fingerprint else n_done


def open_steps(database: Database, articles: str, steps: Iterable[str] | None = None) -> int:
    """Let the steps, all for None, deal again with the articles that a query gives.

    `articles` is SQL for a table with the column `article_id`. Returns how many entries are new. A
    step that never ran waits for every article anyway.
    """
    named = "" if steps is None else "step IN (SELECT id FROM opened_steps) AND "
    with database.registered(opened_steps=ids_table(steps or ())):
        return database.execute(
            "INSERT INTO store.step_pending"
            " SELECT v.step, a.article_id FROM store.step_versions v"
            f" CROSS JOIN (SELECT DISTINCT article_id FROM ({articles})) a"
            f" WHERE {named}NOT EXISTS (SELECT 1 FROM store.step_pending p"
            "  WHERE p.step = v.step AND p.article_id = a.article_id)"
            " ORDER BY v.step, a.article_id"
        )


def open_step(database: Database, step: str) -> None:
    """Let a step deal again with every article."""
    database.execute("DELETE FROM store.step_versions WHERE step = ?", [step])
    database.execute("DELETE FROM store.step_pending WHERE step = ?", [step])


def _find_fingerprint(database: Database, step: str) -> str | None:
    """Return the fingerprint under which a step last dealt with anything, None for never."""
    found: str | None = database.fetch_value(
        "SELECT version FROM store.step_versions WHERE step = ?", [step]
    )
    return found


def read_counter(database: Database, name: str) -> int:
    """Return one of the counters `content_version`, `publication`, `event`."""
    return int(database.fetch_value("SELECT value FROM store.counters WHERE name = ?", [name]))


def bump_counter(database: Database, name: str, by: int = 1) -> int:
    """Add to a counter and return its new value."""
    database.execute("UPDATE store.counters SET value = value + ? WHERE name = ?", [by, name])
    return read_counter(database, name)


def change_content(database: Database, change: Callable[[], int]) -> int:
    """Run `change` in one transaction; if it touched rows, it is one change of the content."""
    with database.transaction():
        n_touched = change()
        if n_touched:
            bump_counter(database, "content_version")
    return n_touched


def reopen_steps(database: Database, steps: Iterable[str], article_ids: Iterable[str]) -> int:
    """Let the steps deal with the articles again; return how many wait that did not.

    Joins the transaction that is open, so that the cause and its consequence stand together.
    """
    with (
        database.transaction(),
        database.registered(reopened=ids_table(article_ids)),
    ):
        return open_steps(
            database,
            "SELECT article_id FROM store.articles WHERE article_id IN (SELECT id FROM reopened)",
            steps,
        )
