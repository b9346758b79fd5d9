"""The flow as Prefect runs it; one server for all of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    STEPS,
    fetch,
    hashing_settings,
    read_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.articles.errors import ModelError
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.schedule.start import run_once
from wirethread.sources.settings import SourceSettings

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("news") / "news.jsonl", sample_rows(FIRST_DAY))


def test_the_flow_does_what_its_functions_do_and_shows_its_steps(
    news: Path, tmp_path: Path
) -> None:
    from prefect.client.orchestration import get_client

    data, plain = tmp_path / "data", tmp_path / "plain"
    with get_client(sync_client=True) as client:
        earlier = {one.id for one in client.read_flow_runs()}
    result = run_once([str(news)], hashing_settings(data))
    run_plainly([news], hashing_settings(plain))
    assert [one.step for one in result.steps] == STEPS
    assert read_digest(data) == read_digest(plain)

    with get_client(sync_client=True) as client:
        (flow_run,) = [one for one in client.read_flow_runs() if one.id not in earlier]
        names = {one.name for one in client.read_task_runs() if one.flow_run_id == flow_run.id}
    assert flow_run.name.startswith("news.jsonl, ")
    assert flow_run.state is not None
    assert flow_run.state.is_completed()
    assert {
        f"matching passages: {len(FIRST_DAY)}",
        f"scoring links: {len(FIRST_DAY)}",
        "publishing the snapshot",
    } <= names

    again = run_once([str(news)], hashing_settings(data))
    assert not again.changed_something
    with get_client(sync_client=True) as client:
        assert {run.id for run in client.read_flow_runs()} - earlier == {flow_run.id}
    assert read_digest(data) == read_digest(plain)


def test_five_thousand_feeds_in_the_settings_do_not_travel_as_a_parameter(tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    feeds = tuple(
        SourceSettings(name=f"paper {number}", feed=f"https://paper-{number}.example/news/feed.xml")
        for number in range(5_000)
    )
    news = write_lines(tmp_path / "bridge.jsonl", sample_rows(FIRST_DAY)[:2])
    result = run_once([str(news)], replace(hashing_settings(tmp_path / "data"), sources=feeds))
    assert result.count("read", "n_new_articles") == 2
    with get_client(sync_client=True) as client:
        (flow_run,) = [run for run in client.read_flow_runs() if "bridge.jsonl" in run.name]
    assert list(flow_run.parameters) == ["what"]
    assert len(flow_run.parameters["what"]) < 100


def test_a_mistake_in_the_settings_is_not_tried_again(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path, embedding=EmbeddingSettings(model=str(tmp_path / "none")))
    with pytest.raises(ModelError, match="there is no model folder"):
        run_once([str(news)], settings)
    assert fetch(tmp_path, "SELECT state FROM runs") == [("failed",)]


def test_an_unreadable_source_does_not_stop_the_flow(news: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.jsonl")
    result = run_once([missing, str(news)], hashing_settings(tmp_path / "data"))
    assert result.unreadable_sources == (f"{missing}: there is no such file or folder",)
    assert result.count("read", "n_new_articles") == len(FIRST_DAY)
