"""Two machines read and parse, a third takes up what they hand in: the answers of one that does all."""

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    read_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.flows.feeding import FETCHING, html, item, rss
from tests.flows.intake.killing import POINTS_OF, end_at, set_up
from tests.flows.runners.test_same_answers import read_views
from tests.sources.serving import serve
from wirethread.articles.errors import ConfigError, StorageError
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.records.record import read_record
from wirethread.articles.types.articles import RejectedArticle
from wirethread.flows.ingesting import Ingesting, ingest
from wirethread.flows.intake.parcels import survey_parcels
from wirethread.flows.operations.repair import forget
from wirethread.flows.reports.state import read_state
from wirethread.sources.settings import SourceSettings
from wirethread.storage.engine.file_copy import checksum_file
from wirethread.storage.shared.folder_store import FolderStore
from wirethread.storage.shared.parcels import (
    Parcel,
    ParcelFault,
    name_parcel,
    parse_name,
    read_parcel,
    write_parcel,
)
from wirethread.storage.upkeep.forget_choice import ForgetSelection
from wirethread.storage.upkeep.verification import CheckState, verify_folder

pytestmark = pytest.mark.pipeline

REFUSAL = RejectedArticle(source="day.jsonl:4", source_id=None, reason="it has no text")
MADE_AT = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def days(tmp_path: Path) -> list[Path]:
    """The articles of two days, a file each; the second has a line that is none, too."""
    return [
        write_lines(tmp_path / "first.jsonl", sample_rows(FIRST_DAY)),
        write_lines(tmp_path / "second.jsonl", [*sample_rows(SECOND_DAY), '{"title": "No text"}']),
    ]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture
def alone(days: list[Path], tmp_path: Path) -> Path:
    """The data folder of a machine that reads both files itself."""
    run_plainly(days, hashing_settings(tmp_path / "alone"))
    return tmp_path / "alone"


@pytest.fixture
def handed(days: list[Path], files: Path, tmp_path: Path) -> list[Ingesting]:
    """What two machines, `a` and `b`, did, each with the file of a day."""
    return [hand_in(tmp_path / name, files, day) for name, day in zip("ab", days, strict=True)]


def hand_in(folder: Path, files: Path, *sources: Path) -> Ingesting:
    return ingest([str(source) for source in sources], set_up(folder, files))


def list_parcels(files: Path) -> list[Path]:
    return sorted(files.glob("parcels/*/*.parquet"))


def list_waiting(files: Path) -> list[tuple[int, list[str]]]:
    """Return of each machine what waits, and why what was set aside was."""
    found = survey_parcels(FolderStore(files))
    return [(one.n_waiting, [words.partition(": ")[2] for words in one.set_aside]) for one in found]


def test_two_machines_hand_in_and_every_view_is_as_if_one_had_read_the_files(
    handed: list[Ingesting], files: Path, tmp_path: Path, alone: Path
) -> None:
    assert [(one.n_new, one.n_rejected, one.handed_in.n_sent) for one in handed] == [
        (8, 0, 3),
        (6, 1, 3),
    ]
    assert list_waiting(files) == [(3, []), (3, [])]
    result = run_plainly([], set_up(tmp_path / "archive", files))
    assert result.count("read", "n_new_articles") == 14
    assert result.unreadable_sources == ()
    assert read_views(tmp_path / "archive") == read_views(alone)
    assert read_digest(tmp_path / "archive") == read_digest(alone)
    assert list_parcels(files) == []
    checks = verify_folder(tmp_path / "archive").checks
    assert [one.message for one in checks if one.state is CheckState.PROBLEM] == []


def test_what_is_handed_in_twice_changes_nothing(
    handed: list[Ingesting], days: list[Path], files: Path, tmp_path: Path
) -> None:
    again = hand_in(tmp_path / "a", files, days[0])
    assert (again.n_new, again.handed_in.n_sent, again.handed_in.n_waiting) == (0, 0, 3)
    kept = [(path, path.read_bytes()) for path in list_parcels(files)]
    settings = set_up(tmp_path / "archive", files)
    run_plainly([], settings)
    digest = read_digest(tmp_path / "archive")
    for path, content in kept:  # as who sends once more what he has sent
        path.write_bytes(content)
    assert run_plainly([], settings).count("read", "n_read") == 0
    assert list_parcels(files) == []
    shutil.rmtree(tmp_path / "b")  # a machine that remembers nothing
    assert hand_in(tmp_path / "b", files, days[1]).handed_in.n_sent == 3
    result = run_plainly([], settings)
    assert (result.count("read", "n_known"), result.changed_something) == (6, False)
    assert read_digest(tmp_path / "archive") == digest
    for name in "ab":
        done = hand_in(tmp_path / name, files).handed_in
        assert (done.n_published, done.n_waiting) == (3, 0)
        assert list((tmp_path / name / "parcels").glob("*/*")) == []
    assert list(files.glob("parcels/*/*")) == []


def spoil(path: Path, change: Callable[[list[dict[str, Any]]], Any]) -> Path:
    """Put a parcel with other rows in the place of one, under its right name; return that."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    maker, number = path.parent.name, int(path.name.partition("-")[0])
    path.unlink()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    named = path.parents[2] / name_parcel(maker, number, checksum_file(path))
    return path.rename(named)


def set_value(column: str, name: str, value: Any) -> Callable[[list[dict[str, Any]]], None]:
    def change(rows: list[dict[str, Any]]) -> None:
        held = rows[0][column]
        (held[0] if isinstance(held, list) else held)[name] = value

    return change


FALSE_ROWS: Mapping[str, tuple[Callable[[list[dict[str, Any]]], Any], str]] = {
    "a paragraph behind the text": (
        set_value("paragraphs", "end", 2_000_000_000),
        "a paragraph of it stands outside of its text",
    ),
    "a paragraph before the text": (
        set_value("paragraphs", "begin", -5),
        "a paragraph of it stands outside of its text",
    ),
    "an unknown kind": (
        set_value("paragraphs", "kind", "'; DROP TABLE store.articles; --"),
        "is not a valid ParagraphKind",
    ),
    "no text": (set_value("article", "text", None), "words of it are missing"),
    "an unknown precision": (
        set_value("article", "published_precision", "guess"),
        "is not a valid TimePrecision",
    ),
    "a text without end": (
        set_value("article", "text", "x " * 600_000),
        "a text has 1,200,000 characters",
    ),
    "a row of nothing": (
        lambda rows: rows.append(dict.fromkeys(rows[0])),
        "a row of it is no article",
    ),
    "a gap": (lambda rows: rows[0]["paragraphs"].append(None), "a list of it has a gap"),
}


@pytest.fixture
def parcel(tmp_path: Path) -> Path:
    """A parcel with three articles, under its name."""
    parsed = [parse_article(read_record(row, "day.jsonl:1")) for row in sample_rows(FIRST_DAY[:3])]
    path = tmp_path / "parcels" / "a" / "000000000001-of-no-name"
    path.parent.mkdir(parents=True)
    write_parcel(path, Parcel(parsed=parsed, rejected=[REFUSAL], made_at=MADE_AT))  # type: ignore[arg-type]
    return path.rename(tmp_path / name_parcel("a", 1, checksum_file(path)))


def read_by_name(path: Path) -> Parcel:
    name = parse_name(path.relative_to(path.parents[2]).as_posix())
    assert name is not None
    return read_parcel(path, name)


def test_a_parcel_gives_back_what_was_parsed(parcel: Path) -> None:
    found = read_by_name(parcel)
    expected = [
        parse_article(read_record(row, "day.jsonl:1")) for row in sample_rows(FIRST_DAY[:3])
    ]
    assert list(found.parsed) == expected
    assert (list(found.rejected), found.made_at) == ([REFUSAL], MADE_AT)


@pytest.mark.parametrize("case", FALSE_ROWS)
def test_a_parcel_that_says_what_cannot_be_is_refused(case: str, parcel: Path) -> None:
    change, reason = FALSE_ROWS[case]
    with pytest.raises(ParcelFault, match=reason) as refused:
        read_by_name(spoil(parcel, change))
    assert not refused.value.is_damaged


def write_columns(path: Path) -> None:
    told = pq.read_schema(path).metadata
    pq.write_table(pa.table({"article": ["one"]}).replace_schema_metadata(told), path)


def write_ahead(path: Path) -> None:
    table = pq.read_table(path)
    told = {"form": 1, "made_at": (datetime.now(UTC) + timedelta(days=400)).isoformat()}
    pq.write_table(
        table.replace_schema_metadata({b"wirethread.parcel": json.dumps(told).encode()}), path
    )


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: path.write_bytes(b""), "it cannot be read"),
        (lambda path: path.write_bytes(b"PAR1" + bytes(60_000) + b"PAR1"), "it cannot be read"),
        (lambda path: pq.write_table(pa.table({"article": ["one"]}), path), "of another form"),
        (write_columns, "its columns are not those of a parcel"),
        (write_ahead, "in a time to come"),
    ],
)
def test_a_file_that_is_no_parcel_is_refused(
    write: Callable[[Path], Any], reason: str, parcel: Path
) -> None:
    write(parcel)
    named = parcel.rename(parcel.parents[2] / name_parcel("a", 1, checksum_file(parcel)))
    with pytest.raises(ParcelFault, match=reason):
        read_by_name(named)


def test_a_parcel_that_cannot_be_read_is_set_aside_and_the_others_are_taken(
    handed: list[Ingesting], files: Path, tmp_path: Path
) -> None:
    change, reason = FALSE_ROWS["an unknown kind"]
    spoilt = spoil(list_parcels(files)[1], change)
    settings = set_up(tmp_path / "archive", files)
    result = run_plainly([], settings)
    assert result.count("read", "n_new_articles") == 11
    ((waiting, reasons), *others) = list_waiting(files)
    assert (waiting, others) == (0, [])
    assert len(reasons) == 1 and reason in reasons[0]
    assert list_parcels(files) == [spoilt]
    told = fetch(tmp_path / "archive", "SELECT source, reason FROM rejected_articles ORDER BY ALL")
    assert (f"{files}/{spoilt.relative_to(files)}", reasons[0]) in told
    (of_maker,) = read_state(settings).parcels
    assert len(of_maker.set_aside) == 1
    assert run_plainly([], settings).count("read", "n_read") == 0


@pytest.mark.parametrize(
    "damage",
    [
        "a byte",
        *(pytest.param(one, marks=pytest.mark.thorough) for one in ("cut short", "gone")),
    ],
)
def test_a_parcel_that_was_damaged_on_the_way_is_handed_in_once_more(
    damage: str, handed: list[Ingesting], files: Path, tmp_path: Path, alone: Path
) -> None:
    path = list_parcels(files)[1]
    whole = path.read_bytes()
    if damage == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "a byte":
        path.write_bytes(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    else:
        path.unlink()
    settings = set_up(tmp_path / "archive", files)
    run_plainly([], settings)
    expected = [] if damage == "gone" else [(0, ["its checksum is not that of its name"])]
    assert list_waiting(files) == expected
    for name in "ab":
        hand_in(tmp_path / name, files)
    run_plainly([], settings)
    assert list_waiting(files) == []
    sql = "SELECT article_id, headline, text FROM articles ORDER BY ALL"
    assert fetch(tmp_path / "archive", sql) == fetch(alone, sql)
    assert [hand_in(tmp_path / name, files).handed_in.n_waiting for name in "ab"] == [0, 0]


def test_links_among_the_files_are_not_followed(files: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("tidewater")
    folder = files / "parcels" / "evil"
    folder.mkdir(parents=True)
    (files / name_parcel("evil", 1, checksum_file(secret))).symlink_to(secret)
    (files / "parcels" / "more").symlink_to(tmp_path)
    result = run_plainly([], set_up(tmp_path / "archive", files))
    assert (result.count("read", "n_read"), result.count("read", "n_rejected")) == (0, 0)
    assert secret.read_text() == "tidewater"


def test_files_that_cannot_be_reached_lose_nothing(
    days: list[Path], files: Path, tmp_path: Path, alone: Path
) -> None:
    away = files.rename(tmp_path / "away")
    for name, day in zip("ab", days, strict=True):
        with pytest.raises(StorageError, match=r"cannot write in .*files: there is no such folder"):
            hand_in(tmp_path / name, files, day)
    away.rename(files)
    for name in "ab":
        done = hand_in(tmp_path / name, files)
        assert (done.n_read, done.handed_in.n_sent) == (0, 3)
    run_plainly([], set_up(tmp_path / "archive", files))
    assert read_digest(tmp_path / "archive") == read_digest(alone)


def test_what_was_forgotten_for_good_is_not_handed_in_again(
    handed: list[Ingesting], days: list[Path], files: Path, tmp_path: Path
) -> None:
    settings = set_up(tmp_path / "archive", files)
    run_plainly([], settings)
    forget(settings, ForgetSelection(outlet="Port Varrin Courier"), for_good=True)
    shutil.rmtree(tmp_path / "a")
    hand_in(tmp_path / "a", files, days[0])
    run_plainly([], settings)
    assert list_parcels(files) == []
    sql = "SELECT count(*), count(*) FILTER (outlet = 'Port Varrin Courier') FROM articles"
    assert fetch(tmp_path / "archive", sql) == [(13, 0)]


def test_feeds_are_asked_by_the_machine_that_hands_in_and_pages_fetched_once(
    files: Path, tmp_path: Path
) -> None:
    with serve() as site:
        for number in range(2):
            site.page(f"/{number}", html(number))
        site.page("/rss", rss(item(0), item(1)), "application/rss+xml", ETag='"1"')
        feed = SourceSettings(name="daily", feed=f"{site.url}/rss", outlet="My Daily")
        asking = {"sources": (feed,), "fetching": FETCHING}
        alone = hashing_settings(tmp_path / "alone", **asking)
        run_plainly([], alone)
        n_asked = site.count("/0")
        settings = hashing_settings(
            tmp_path / "a", storage=set_up(tmp_path / "a", files).storage, **asking
        )
        assert [ingest([], settings).n_new for _ in range(2)] == [2, 0]
        assert site.count("/0") == n_asked + 1
    run_plainly([], set_up(tmp_path / "archive", files))
    sql = "SELECT article_id, outlet, headline, text, url FROM articles ORDER BY ALL"
    assert fetch(tmp_path / "archive", sql) == fetch(tmp_path / "alone", sql)
    assert [row[1] for row in fetch(tmp_path / "archive", sql)] == ["My Daily"] * 2


def test_an_archive_hands_nothing_in_and_who_hands_in_says_where(
    alone: Path, days: list[Path], files: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="holds an archive"):
        hand_in(alone, files, days[0])
    with pytest.raises(ConfigError, match=r"storage\.files"):
        ingest([str(days[0])], hashing_settings(tmp_path / "a"))


@pytest.mark.thorough
@pytest.mark.parametrize("who", ["ingest", "run"])
def test_whoever_is_killed_goes_on(
    who: str, days: list[Path], files: Path, tmp_path: Path, alone: Path
) -> None:
    expected = read_digest(alone)
    for number in POINTS_OF[who]:
        place = tmp_path / str(number)
        place.mkdir()
        here = place / "files"
        here.mkdir()
        if who == "ingest":
            assert end_at(number, who, place / "a", here, [days[0]])
        hand_in(place / "a", here, days[0])
        hand_in(place / "b", here, days[1])
        if who == "run":
            assert end_at(number, who, place / "archive", here, [])
        run_plainly([], set_up(place / "archive", here))
        assert read_digest(place / "archive") == expected, number
        assert list_parcels(here) == []
        assert [hand_in(place / name, here).handed_in.n_waiting for name in "ab"] == [0, 0]
        shutil.rmtree(place)
