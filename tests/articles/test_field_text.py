"""HTML in the fields of records, tables, feeds and pages."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirethread.articles.field_text import read_line, read_text
from wirethread.articles.pages.page import read_page
from wirethread.articles.reading.document import read_document
from wirethread.articles.reading.reader import read_articles

from .paging import PARAGRAPHS, TITLE, make_page


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("Harbour&#8217;s mill &amp; quay", "Harbour’s mill & quay"),
        ("<b>Mill</b> closes", "Mill closes"),
        ("Mill<br/>closes", "Mill closes"),
        ("AT&amp;amp;T buys a mill", "AT&T buys a mill"),
        ("Mill &lt;em&gt;finally&lt;/em&gt; closes", "Mill finally closes"),
        ("<![CDATA[Mill & quay]]>", "Mill & quay"),
        ("&lt;![CDATA[Mill &amp;#8211; quay]]&gt;", "Mill – quay"),
        ("Storm at <i>Kell</i> &lt;live&gt;", "Storm at Kell <live>"),
        ("R&D up, AT&T down", "R&D up, AT&T down"),
        ("Why 3 < 5 & 7 > 5", "Why 3 < 5 & 7 > 5"),
        ("What the <b> tag is for", "What the <b> tag is for"),
        ("a&copy=1", "a&copy=1"),
    ],
)
def test_a_headline_is_read_as_it_stood_on_the_page(words, line):
    assert read_line(words) == line


@pytest.mark.parametrize(
    ("words", "paragraphs"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("<p>One\nline.</p>\n\n<p>Two.</p>", ["One line.", "Two."]),
        ("<P>One.<P>Two.<P>Three.", ["One.", "Two.", "Three."]),
        ("One.<br><br>Two.&nbsp;&mdash; three", ["One.", "Two. — three"]),
        ("One <a href='x'>link</a>.\n\nTwo <em>marks</em>.", ["One link.", "Two marks."]),
        ("<h2>Head</h2>\nOne.\n\nTwo.\n\n<blockquote>Three.</blockquote>\nFour.",
         ["Head", "One.", "Two.", "Three.", "Four."]),
        ("&lt;p&gt;One &amp;amp; a.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", ["One & a.", "Two."]),
        ("<div>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</div>", ["One.", "Two."]),
        ("<pre>\n   KELL (AP) - One\nline.\n   Two.\n</pre>", ["KELL (AP) - One line.", "Two."]),
        ("<p>One.</p><script>var a = '<p>no</p>'</script><style>p {}</style><p>Two.</p>", ["One.", "Two."]),
        ("<p>One.</p><figure><img src=x><figcaption>Boats</figcaption></figure><p>Two.</p>", ["One.", "Two."]),
        ("<figure><blockquote>Said.</blockquote></figure><p>Two.</p>", ["Said.", "Two."]),
        ("<!-- wp:paragraph -->\n<p>One.</p>\n<!-- /wp:paragraph -->", ["One."]),
        ('[caption id="a"]<img src="x"> Boats[/caption]\n\nOne.\n\nTwo.', ["One.", "Two."]),
        ("<p>One.</p><p hidden>No.</p><p style='display: none'>No.</p>", ["One."]),
    ],
)  # fmt: skip
def test_paragraphs_of_html_are_the_paragraphs_that_a_reader_sees(words, paragraphs):
    assert read_text(words).split("\n\n") == paragraphs


@pytest.mark.parametrize(
    "words", ["Plain & simple, 3 < 5.\n\n  Two", "The <b> tag marks bold.", "<live> 4 </live>", ""]
)
def test_plain_text_is_left_as_it_is(words):
    assert read_text(words) == words


def test_an_example_of_code_is_no_markup():
    shown = read_text("<pre><code>&lt;p&gt;Hello&lt;/p&gt;</code></pre><p>That is all.</p>")
    assert shown.split("\n\n") == ["<p>Hello</p>", "That is all."]


def test_every_field_of_a_record_may_hold_html():
    article = read_document(
        {
            "title": "<b>Mill</b> &amp; quay", "text": "<p>One.</p><p>Two.</p>",
            "author": "<a href='/ann'>Ann &Oslash;rn</a>", "outlet": "Kell &amp; Holm Post",
            "url": "https://kell.example/a?x=1&amp;y=2", "credit": "&copy; <b>Reuters</b>",
            "ednote": "Corrects &lt;b&gt;figure&lt;/b&gt;",
        },
        "x",
    )  # fmt: skip
    assert (article.title, article.text) == ("Mill & quay", "One.\n\nTwo.")
    assert (article.authors, article.outlet) == (("Ann Ørn",), "Kell & Holm Post")
    assert article.url == "https://kell.example/a?x=1&y=2"
    assert article.declared_credits["credit"] == "© Reuters"
    assert article.notes["ednote"] == "Corrects figure"


def test_a_text_field_that_holds_a_whole_page_is_read_as_a_page():
    article = read_document(
        {"title": TITLE, "url": "https://k.example/a", "body": make_page()}, "x"
    )
    assert all(words in article.text for words in PARAGRAPHS)
    assert "<" not in article.text


def test_html_in_cells_of_a_table_and_in_text_files_is_read(tmp_path):
    html = "<p>One quay.</p><p>Two mills.</p>"
    (tmp_path / "a.csv").write_text(f'title,text\n"<i>Mill</i>","{html}"\n')
    (tmp_path / "b.txt").write_text(f"<h1>Mill &amp; quay</h1>\n{html}")
    (tmp_path / "c.txt").write_text(make_page())
    (tmp_path / "d.json").write_text(json.dumps([{"title": "A", "content": html}]))
    found = {article.source[-7:].lstrip("/"): article for article in read_articles(tmp_path)}
    assert [(article.title, article.text.strip()) for article in found.values()][:2] == [
        ("Mill", "One quay.\n\nTwo mills."),
        ("Mill & quay", "One quay.\n\nTwo mills."),
    ]
    rest = list(found.values())[2:]
    assert rest[0].title == TITLE
    assert rest[1].text == "One quay.\n\nTwo mills."


def test_code_that_a_page_shows_stays_words():
    line = "Write <b>bold</b> words between two tags, as every page on the web has done since."
    shown = line.replace("<", "&lt;").replace(">", "&gt;")
    article = read_page(make_page([*PARAGRAPHS, shown]).encode(), url=None, source="x")
    assert line in article.text


def test_a_page_whose_text_stands_in_its_data_alone_is_read_without_tags():
    body = "".join(f"<p>{words}</p>" for words in PARAGRAPHS)
    ld = {"@type": "NewsArticle", "headline": "<em>Mill</em> closes", "articleBody": body}
    page = f"<html><head><script type='application/ld+json'>{json.dumps(ld)}</script></head></html>"
    article = read_page(page.encode(), url="https://k.example/a", source="x")
    assert article.title == "Mill closes"
    assert article.text == "\n\n".join(PARAGRAPHS)


def test_a_field_that_is_all_tags_has_no_text():
    assert read_document({"title": "A", "text": "<p><img src='a.jpg'></p>"}, "x").reason == (
        "it has no text: its HTML holds no words"
    )


@given(st.text(alphabet="<>&;/pbrai#x8 \n![CDATA]='\"-", max_size=200))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_field_is_read_and_reading_ends(words):
    assert isinstance(read_text(words), str)
    assert "\n" not in read_line(words)


@pytest.mark.parametrize(
    "piece", ["<", "&", "<p", "<p>", "&lt;", "<a ", "[caption ", "<pre>", "\n\n<b>", "<![CDATA[", "&#", "<a b=c"]
)  # fmt: skip
def test_hostile_fields_take_no_longer_than_good_ones(piece):
    begun = time.process_time()
    read_text(piece * 40_000)
    assert time.process_time() - begun < 8
