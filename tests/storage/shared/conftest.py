"""A real Postgres for a session, an archive in it for a test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.storage.shared.servers import PASSWORD, find_binaries
from tests.storage.shared.sharing import share
from wirethread.storage.shared_address import SharedAddress, parse_address

SERVER_ACCOUNT = "postgres"
NUMBERS = count(1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def data(published: Path, tmp_path: Path) -> Path:
    """A copy of the sample's data folder, to write in."""
    return Path(shutil.copytree(published, tmp_path / "data"))


@pytest.fixture(scope="session")
def in_file(published: Path, tmp_path_factory: pytest.TempPathFactory) -> SharedAddress:
    """The sample as a shared archive whose catalog is a file. Only to read."""
    folder = tmp_path_factory.mktemp("lake")
    data = Path(shutil.copytree(published, folder / "data"))
    return share(data, parse_address(f"ducklake:{folder / 'news.ducklake'}"), folder / "files")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Postgres on a socket of its own; gives the words that an address begins with."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("there is no Postgres (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="wt-pg-", dir="/tmp"))
    account = SERVER_ACCOUNT if os.geteuid() == 0 else None
    try:
        if account is not None:  # Postgres refuses to run as root
            shutil.chown(folder, account)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)

        def do(program: str, *arguments: str) -> None:
            subprocess.run(
                [binaries / program, "-D", folder / "data", *arguments],
                user=account,
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                timeout=60,
            )

        do("initdb", "-U", "wire", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        do("pg_ctl", "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"ducklake:postgres:host={folder} user=wire dbname=postgres"
        finally:
            do("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """A server of this machine that speaks as S3 does; gives its address."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(service: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty part of a bucket, `s3://news/N`; the keys are in the environment."""
    s3fs = pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", service)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, PASSWORD)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    filesystem = s3fs.S3FileSystem(skip_instance_cache=True)
    if not filesystem.exists("news"):
        filesystem.mkdir("news")
    return f"s3://news/{next(NUMBERS)}"


@pytest.fixture
def in_postgres(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address in which nothing was published yet; the password is in the environment."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return f"{server} schema=news_{os.getpid()}_{next(NUMBERS)}"


@pytest.fixture
def publish(in_postgres: str, data: Path, tmp_path: Path) -> Callable[[], SharedAddress]:
    """What brings the data folder to the archive in Postgres."""
    return lambda: share(data, parse_address(in_postgres), tmp_path / "files")
