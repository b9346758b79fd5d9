"""Damaged files for every reader: seeds that are read well, and the ways in which files break.

Run as a script it damages many files and prints what became of them:

    python -m tests.articles.mutating --files 20000 --seed 1
"""

import argparse
import gzip
import io
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.articles.paging import PARAGRAPHS, TITLE, make_page
from wirethread.articles.errors import SourceError
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import RejectedArticle, SourceArticle

__all__ = ["Tally", "make_seeds", "mutate", "read_mutants"]

Mutation = Callable[[bytes, random.Random, Mapping[str, bytes]], bytes]


def make_seeds() -> dict[str, bytes]:
    """Return small good files of every format by name."""
    record = {
        "id": "a1", "url": "https://gazette.example/2024/05/31/a1", "outlet": "Harbour Gazette",
        "title": TITLE, "text": "\n\n".join(PARAGRAPHS), "published_at": "2024-05-31T10:00:00Z",
        "authors": ["Jane Doe"], "agency": "Reuters", "language": "en",
    }  # fmt: skip
    ninjs = {
        "uri": "urn:newsml:example:1", "pubstatus": "usable", "versioncreated": "2024-05-31T10:00:00Z",
        "headline": TITLE, "body_html": "".join(f"<p>{words}</p>" for words in PARAGRAPHS),
        "byline": "Jane Doe", "located": "Harbour", "ednote": "Corrects figure",
        "infosources": [{"name": "dpa"}], "associations": {"main": {"type": "picture", "byline": "AP"}},
    }  # fmt: skip
    ninjs3 = {
        "uri": "urn:newsml:example:2", "standard": {"name": "ninjs", "version": "3.0"},
        "headlines": [{"role": "main", "value": TITLE}],
        "bodies": [{"role": "main", "contentType": "text/html", "value": f"<p>{PARAGRAPHS[0]}</p>"}],
        "versionCreated": "2024-05-31T10:00:00Z", "altIds": [{"value": "https://gazette.example/2"}],
    }  # fmt: skip
    ans = {
        "type": "story", "version": "0.10.9", "headlines": {"basic": TITLE}, "_id": "X1",
        "content_elements": [{"type": "text", "content": words} for words in PARAGRAPHS],
        "distributor": {"category": "wires", "name": "AP"}, "credits": {"by": [{"name": "Jane Doe"}]},
    }  # fmt: skip
    lines = "".join(
        json.dumps(entry) + "\n" for entry in (record, ninjs, ninjs3, ans, {"html": make_page()})
    )
    page = make_page(
        above='<p class="byline">By Jane Doe, Associated Press</p>',
        below="<p>Ann Other and Reuters contributed to this report.</p>",
        ld={"@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-05-31",
            "author": {"name": "Jane Doe"}, "sourceOrganization": {"name": "AFP"}},
    ).encode()  # fmt: skip
    table = "id,title,text,published_at,url\n" + "".join(
        f'{n},"{TITLE}, part {n}","{words}\n\n{PARAGRAPHS[0]}",2024-05-31,https://g.example/{n}\n'
        for n, words in enumerate(PARAGRAPHS)
    )
    archive = _make_warc(page)
    return {
        "a.jsonl": lines.encode(), "b.jsonl.gz": gzip.compress(lines.encode()),
        "c.json": json.dumps([record, ans], indent=1).encode(), "d.txt": f"{TITLE}\n\n{PARAGRAPHS[0]}".encode(),
        "e.csv": table.encode(), "f.tsv.gz": gzip.compress(table.replace(",", "\t").encode()),
        "g.csv": table.replace(",", ";").encode("utf-16"), "h.html": page,
        "i.html": make_page([words.replace("a", "ä") for words in PARAGRAPHS]).encode("latin-1"),
        "j.htm.gz": gzip.compress(page), "k.warc": archive, "l.warc.gz": gzip.compress(archive),
        "m.parquet": _make_parquet(record), **_make_shapes(),
    }  # fmt: skip


def _make_shapes() -> dict[str, bytes]:
    """Return a seed of each shape that agencies, services and readers deliver, dates included."""
    html = "".join(f"<p>{words} &amp; more</p>" for words in PARAGRAPHS)
    escaped = html.replace("&", "&amp;").replace("<", "&lt;")
    url = "https://gazette.example/news/a-7012345"
    wrapped = [
        {"status": "ok", "articles": [{"source": {"name": "Gazette"}, "title": f"{TITLE} - Gazette",
          "url": url, "publishedAt": "2024-05-31T10:00:00Z", "content": PARAGRAPHS[0] + " [+12 chars]"}]},
        {"entries": [{"title": TITLE, "url": url, "content": html, "published_at": "31/05/2024 10:00",
          "feed": {"title": "Gazette"}}]},
        {"items": [{"id": "1", "url": url, "title": f"<b>{TITLE}</b>", "content_html": html,
          "date_published": "03/04/2024"}]},
        {"data": {"items": [{"item": {"headline": TITLE, "type": "text", "body_html": html, "url": url,
          "bylines": [{"by": "Jane"}], "infosource": [{"name": "AP"}], "embargoed": "2024-01-01"}}]}},
        {"title": TITLE, "publishing_date": "2024-05-31 11:00:00+02:00", "html": {"responded_url": url},
         "body": {"summary": ["A"], "sections": [{"headline": [TITLE], "paragraphs": PARAGRAPHS}]}},
        {"response": {"results": [{"webTitle": TITLE, "webUrl": url, "fields": {"bodyText": PARAGRAPHS[0]},
          "webPublicationDate": "2. Mai 2024, 10:00 Uhr"}]}},
        {"id": 1, "text": escaped, "date": {"$date": "2024-05-31T10:00:00Z"}},
    ]  # fmt: skip
    dated = "title;text;date\n" + "".join(
        f'{TITLE} {n};"<p>{PARAGRAPHS[0]}</p>";{day}\n'
        for n, day in enumerate(("03/04/2024", "13/04/2024", "2 mai 2024", "morgen"))
    )
    item = (
        f"<item><title><![CDATA[{TITLE} &#8217;]]></title><link>{url}</link><guid>1</guid>"
        f"<pubDate>Fri, 31 May 2024 11:00:00 CEST</pubDate><description>{escaped}</description></item>"
    )
    rss = f"<?xml version='1.0' encoding='utf-8'?><rss><channel><title>G</title>{item * 2}</channel></rss>"
    body = f"<body><body.head><hedline><hl1>{TITLE}</hl1></hedline></body.head><body.content>{html}"
    nitf = (
        '<nitf><head><docdata><date.issue norm="20240531T100000Z"/></docdata></head>'
        f"{body}</body.content></body></nitf>"
    )
    g2 = (
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="g"><itemMeta>'
        '<itemClass qcode="ninat:text"/><provider literal="dpa"/><versionCreated>2024-05-31T10:00:00Z'
        f"</versionCreated></itemMeta><contentMeta><headline>{TITLE}</headline></contentMeta><contentSet>"
        f"<inlineXML><html><body>{html}</body></html></inlineXML></contentSet></newsItem>"
    )
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">{TITLE}</title>'
        f'<id>u</id><link href="{url}"/><updated>2024-05-31T10:00:00Z</updated>'
        f'<content type="html">{escaped}</content></entry></feed>'
    )
    telex = f"\x01dpa0123 4 pl 99\r\n\x02{TITLE}\r\n\r\n  {PARAGRAPHS[0]}\r\n\x03311000 Mai 24\x04"
    return {
        "n.json": json.dumps(wrapped).encode(), "o.csv": dated.encode(), "p.rss": rss.encode(),
        "q.nitf": nitf.encode(), "r.xml": g2.encode(), "s.atom": atom.encode("utf-16"),
        "t.iptc": telex.encode(), "u.xml.gz": gzip.compress(rss.encode()), "v.txt": html.encode(),
    }  # fmt: skip


def _make_warc(page: bytes) -> bytes:
    records = []
    forms = (
        (page, b""),
        (gzip.compress(page), b"Content-Encoding: gzip\r\n"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page), b"Transfer-Encoding: chunked\r\n"),
    )
    for number, (body, coding) in enumerate(forms):
        answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            + coding
            + b"\r\n"
            + body
        )
        records.append(
            b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-06-01T00:00:00Z\r\n"
            b"WARC-Target-URI: https://gazette.example/s%d\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
            % (number, len(answer), answer)
        )
    return b"".join(records)


def _make_parquet(record: Mapping[str, object]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([dict(record)] * 3), stream, compression="zstd")
    return stream.getvalue()


# --- the ways in which files break --------------------------------------------------------------


def _flip_bits(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    mutable = bytearray(data)
    for _n in range(chance.choice((1, 2, 8, 64))):
        if mutable:
            mutable[chance.randrange(len(mutable))] ^= 1 << chance.randrange(8)
    return bytes(mutable)


def _cut(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _lose(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    begin, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:begin] + data[end:]


def _repeat(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    begin = chance.randrange(len(data) + 1)
    piece = data[begin : begin + chance.choice((1, 4, 40, 400))]
    return data[:begin] + piece * chance.choice((2, 10, 300)) + data[begin:]


def _splice(data: bytes, chance: random.Random, seeds: Mapping[str, bytes]) -> bytes:
    other = seeds[chance.choice(sorted(seeds))]
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _soup(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    begin = chance.randrange(len(data) + 1)
    soup = chance.randbytes(chance.choice((1, 20, 300, 3000)))
    return data[:begin] + soup + data[begin + chance.choice((0, len(soup))) :]


_TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\n", b"\r", b"<", b">", b"<!--", b"-->", b"{",
    b"[", b"]", b"}", b"<script>", b"</script>", b"<div>", b"</div>", b"<p>", b"<table><tr><td>",
    b"&#0;", b"&#xD800;", b"&#1114112;", b"\xed\xa0\x80", b"1e999", b"-1", b"999999999999999999999",
    b"null", b"NaN", b"\\ud800", b"2999-01-01", b"charset=utf-16", b"charset=zlib",
    b"charset=unicode_escape", b"Content-Length: 99999999999", b"Content-Length: -5", b"<![CDATA[",
    b"<?xml version='1.0' encoding='utf-32'?>", b"http://[", b"https://", b"\xf0\x9f\x98\x80", b"PAR1",
    b'<script type="application/ld+json">{"@type":"NewsArticle","author":[[[[[{"a":',
)  # fmt: skip


def _insert_tokens(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    for _n in range(chance.choice((1, 3, 10))):
        begin = chance.randrange(len(data) + 1)
        token = chance.choice(_TOKENS) * chance.choice((1, 1, 2, 500))
        data = data[:begin] + token + data[begin + chance.choice((0, len(token))) :]
    return data


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _flip_bits, _cut, _lose, _repeat, _splice, _soup, _insert_tokens, _insert_tokens,
)  # fmt: skip


def mutate(name: str, seeds: Mapping[str, bytes], chance: random.Random) -> bytes:
    """Return the seed `name` with one to three kinds of damage.

    A packed file is damaged before or after it is packed, so that the damage is also read.
    """
    data = seeds[name]
    inside = name.endswith(".gz") and chance.random() < 0.6
    if inside:
        data = gzip.decompress(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(MUTATIONS)(data, chance, seeds)[: 4 * 2**20]
    return gzip.compress(data, 1) if inside else data


@dataclass(slots=True)
class Tally:
    """What became of the damaged files."""

    n_files: int = 0
    n_articles: int = 0
    n_refused_files: int = 0
    n_rejected: int = 0
    longest_seconds: float = 0.0
    longest: str = ""
    by_format: Counter[str] = field(default_factory=Counter)
    peak_mebibytes: float = 0.0


def read_mutants(n_files: int, seed: int, *, keep: Path | None = None) -> Tally:
    """Read `n_files` damaged files and check every answer; the same seed gives the same files.

    Raises:
        AssertionError: where a reader fails otherwise than by a `SourceError`, or without a reason.
    """
    seeds = make_seeds()
    names = sorted(seeds)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_files):
            chance = random.Random(f"{seed}-{number}")
            name = names[number % len(names)]
            path = Path(folder) / name
            path.write_bytes(mutate(name, seeds, chance))
            begun = time.perf_counter()
            try:
                _read_one(path, tally)
            except Exception as error:
                if keep is not None:
                    (keep / f"{number}-{name}").write_bytes(path.read_bytes())
                raise AssertionError(f"file {number} ({name}) of seed {seed}: {error!r}") from error
            seconds = time.perf_counter() - begun
            if seconds > tally.longest_seconds:
                tally.longest_seconds, tally.longest = seconds, f"{number}-{name}"
            tally.n_files += 1
            tally.by_format[name.split(".", 1)[1]] += 1
    tally.peak_mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return tally


def _read_one(path: Path, tally: Tally) -> None:
    try:
        for found in read_articles(path):
            if isinstance(found, RejectedArticle):
                tally.n_rejected += 1
                assert found.reason.strip(), "an article was set aside without a reason"
                assert "\n" not in found.reason, found.reason
            else:
                tally.n_articles += 1
                _check_article(found)
    except SourceError as error:
        tally.n_refused_files += 1
        assert str(error).strip(), "a file was refused without a reason"
        assert "\n" not in str(error), str(error)


def _check_article(found: SourceArticle) -> None:
    assert found.title
    assert found.text.strip()
    assert "\0" not in found.text
    for words in (found.title, found.text, found.url or "", found.outlet or "", *found.authors,
                  *found.declared_credits.values(), *found.notes.values()):  # fmt: skip
        words.encode("utf-8")  # a lone surrogate could not be stored
        assert "\0" not in words


def main() -> None:
    """Read damaged files and print the tally."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for a file that a reader fails on")
    given = parser.parse_args()
    begun = time.perf_counter()
    tally = read_mutants(given.files, given.seed, keep=given.keep)
    print(
        f"{tally.n_files:,} damaged files in {time.perf_counter() - begun:.0f} s: "
        f"{tally.n_articles:,} articles, {tally.n_rejected:,} set aside, "
        f"{tally.n_refused_files:,} files refused; longest {tally.longest_seconds:.2f} s "
        f"({tally.longest}), peak memory {tally.peak_mebibytes:.0f} MiB; {dict(tally.by_format)}"
    )


if __name__ == "__main__":
    main()
