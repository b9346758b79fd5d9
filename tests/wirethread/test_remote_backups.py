"""Backups to a bucket and back, on a server of this machine that speaks as S3 does."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.wirethread.calling import call
from wirethread.questions import query_sql

pytestmark = pytest.mark.filterwarnings("ignore")
ROWS = "SELECT article_id, outlet, text FROM articles ORDER BY ALL"


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    """The file system with a bucket named `kept`."""
    s3fs = pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3fs.S3FileSystem.clear_instance_cache()
        filesystem = s3fs.S3FileSystem()
        filesystem.mkdir("kept")
        yield filesystem
    server.stop()


def test_a_backup_in_a_bucket_comes_back_and_is_proved_before_it_replaces(
    published: Path, bucket: Any, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(published, data)
    target = "s3://kept/backups/news"
    made = call("backup", target, "--data", data, "--json").json()
    assert made["folder"] == target
    assert made["n_articles"] == 65
    assert made["n_bytes_copied"] == sum(file["n_bytes"] for file in made["files"])
    again = call("backup", target, "--data", data, "--json").json()
    vectors = [file for file in again["files"] if file["name"].startswith("vectors/")]
    assert vectors
    sent = sum(file["n_bytes"] for file in again["files"] if file not in vectors)
    assert again["n_bytes_copied"] <= sent
    assert len(bucket.find("kept/backups/news")) == len(again["files"]) + 1

    done = call("restore", target, "--data", tmp_path / "back", "--json").json()
    assert (done["backup"], done["n_articles"]) == (target, 65)
    assert call("verify", "--data", tmp_path / "back").code == 0
    assert query_sql(tmp_path / "back", ROWS) == query_sql(published, ROWS)

    refused = call("restore", target, "--data", data)
    assert (refused.code, "--force" in refused.err) == (1, True)
    (catalog,) = bucket.glob("kept/backups/news/files/*/catalog.duckdb")
    content = bytearray(bucket.cat_file(catalog))
    content[20_000] ^= 1
    bucket.pipe_file(catalog, bytes(content))
    damaged = call("restore", target, "--data", data, "--force")
    assert damaged.code == 1
    assert "catalog.duckdb is damaged" in damaged.err
    assert f"the backup {target}" in damaged.err
    assert query_sql(data, ROWS) == query_sql(published, ROWS)
    # a file that is not what its name says is sent again, and nothing is left of the other
    healed = call("backup", target, "--data", data)
    if healed.code:
        assert "did not arrive" in healed.err
        assert call("backup", target, "--data", data).code == 0
    assert call("restore", target, "--data", tmp_path / "third").code == 0


def test_a_backup_that_broke_off_leaves_the_one_before_whole(
    published: Path, bucket: Any, tmp_path: Path
) -> None:
    target = "s3://kept/broken"
    assert call("backup", target, "--data", published).code == 0
    bucket.pipe_file("kept/broken/files/0123/segment.faiss", b"half")
    assert call("restore", target, "--data", tmp_path / "back").code == 0
    assert call("backup", target, "--data", published).code == 0
    assert not bucket.exists("kept/broken/files/0123/segment.faiss")


def test_what_is_no_backup_is_neither_replaced_nor_restored(
    published: Path, bucket: Any, tmp_path: Path
) -> None:
    bucket.pipe_file("kept/other/notes.txt", b"mine")
    refused = call("backup", "s3://kept/other", "--data", published)
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "no backup of wirethread" in refused.err
    assert bucket.cat_file("kept/other/notes.txt") == b"mine"
    nothing = call("restore", "s3://kept/nothing", "--data", tmp_path / "no")
    assert nothing.code == 3
    assert "s3://kept/nothing is no backup" in nothing.err
    assert call("backup", "s3://no-such-bucket/x", "--data", published).code == 1
    assert call("backup", "s3://kept/led", "--data", published).code == 0
    manifest = json.loads(bucket.cat_file("kept/led/manifest.json"))
    manifest["files"][0]["name"] = "../../out.duckdb"
    bucket.pipe_file("kept/led/manifest.json", json.dumps(manifest).encode())
    led = call("restore", "s3://kept/led", "--data", tmp_path / "no")
    assert led.code == 1
    assert "leads out of the backup" in led.err
    assert not (tmp_path / "no").exists()
