import pytest

from wirethread.articles.reading.outlets import compile_pattern, name_outlets
from wirethread.articles.types.articles import RejectedArticle, SourceArticle


def article(source: str, outlet: str | None = None) -> SourceArticle:
    return SourceArticle(
        source=source, source_id=None, url=None, outlet=outlet, title="T", text="Words."
    )


def name(
    found: SourceArticle, *, outlet: str | None = None, outlet_from: str | None = None
) -> str | None:
    (named,) = name_outlets([found], "/in", outlet=outlet, outlet_from=outlet_from)
    assert isinstance(named, SourceArticle)
    return named.outlet


def test_a_given_outlet_is_that_of_articles_that_name_none() -> None:
    assert name(article("/in/a.txt"), outlet="Tarn Echo") == "Tarn Echo"
    assert name(article("/in/a.jsonl:3", "Velm Post"), outlet="Tarn Echo") == "Velm Post"
    assert name(article("/in/a.jsonl:3", "N/A"), outlet="Tarn Echo") == "Tarn Echo"
    assert name(article("/in/a.jsonl:3", "unknown")) is None


@pytest.mark.parametrize(
    ("pattern", "source", "outlet"),
    [
        ("folder", "/in/Tarn Echo/a.jsonl:3", "Tarn Echo"),
        ("folder", "/in/2026/Tarn Echo/a.json", "Tarn Echo"),
        ("folder", "/in/a.jsonl:3", None),
        ("{outlet}/**", "/in/Tarn Echo/2026/11/a.html", "Tarn Echo"),
        ("*_{outlet}.txt", "/in/20261102_Tarn Echo.txt", "Tarn Echo"),
        ("*/{outlet}-??.txt", "/in/2026/Tarn Echo-07.txt", "Tarn Echo"),
        ("{outlet}.txt", "/in/sub/Tarn Echo.txt", None),
    ],
)
def test_the_path_tells_the_outlet_where_a_pattern_says_so(
    pattern: str, source: str, outlet: str | None
) -> None:
    assert name(article(source), outlet_from=pattern) == outlet


def test_the_path_comes_before_the_folder_of_a_text_and_after_what_an_article_says() -> None:
    assert name(article("/in/2026/echo.txt", "2026"), outlet_from="*/{outlet}.txt") == "echo"
    assert name(article("/in/2026/echo.json", "Velm"), outlet_from="*/{outlet}.json") == "Velm"


@pytest.mark.parametrize("pattern", ["*.txt", "{outlet}/{outlet}", "{paper}/*"])
def test_a_pattern_names_the_outlet_once(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"must hold \{outlet\} once"):
        compile_pattern(pattern)


def test_what_was_set_aside_is_passed_on() -> None:
    refused = RejectedArticle(source="/in/a", source_id=None, reason="no text")
    assert list(name_outlets([refused], "/in", outlet="Echo", outlet_from=None)) == [refused]
