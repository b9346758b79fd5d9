"""Charts from tables, with altair, and files that need no network to be looked at."""

import csv
import html
import io
from pathlib import Path
from typing import Any

from wirethread.articles.errors import ConfigError, StorageError
from wirethread.as_json import to_plain
from wirethread.storage.answers.whole.plotted import PlotKind, PlotTable
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["draw_chart", "write_chart"]

WIDTH = 720
_SHIELD = "\uf8ff"
"""Stands for `<` on the way through altair; a private character, that no article has."""
FORMS = (".html", ".svg", ".png", ".json")
_MISSING = "plots need altair and vl-convert-python: pip install 'wirethread[plots]'"


def draw_chart(table: PlotTable) -> Any:
    """Return the table as an `altair.Chart`. Raises `ConfigError` where altair is not installed."""
    return _draw(table.kind, table.title, [to_plain(row) for row in table.rows])


def _draw(kind: PlotKind, title: str, rows: list[Any]) -> Any:
    try:
        import altair as alt  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(_MISSING) from None
    data = alt.Data(values=rows)  # type: ignore[no-untyped-call]
    base = alt.Chart(data, title=title, width=WIDTH)
    times = alt.X("published_at:T", title="published (UTC)")
    outlets = alt.Y("outlet:N", title=None, sort="-x")
    told = [alt.Tooltip(f"{name}:N") for name in (rows[0] if rows else ())]
    if kind is PlotKind.TIMELINE:
        share = alt.Color(
            "wire_share:Q", title="wire copy", scale=alt.Scale(domain=[0, 1], scheme="viridis")
        )
        by_time = alt.Y(
            "outlet:N", title=None, sort=alt.EncodingSortField("published_at", op="min")
        )
        return base.mark_circle(size=140).encode(x=times, y=by_time, color=share, tooltip=told)
    if kind is PlotKind.SPREAD:
        steps = base.mark_line(interpolate="step-after", point=True)
        return steps.encode(x=times, y=alt.Y("n_places:Q", title="places so far"), tooltip=told)
    if kind is PlotKind.COPYING:
        return base.mark_rect().encode(
            x=alt.X("from_outlet:N", title="copy of", sort="-color"),
            y=alt.Y("to_outlet:N", title="run by", sort="-color"),
            color=alt.Color("n_passages:Q", title="passages"),
            tooltip=told,
        )
    if kind is PlotKind.AGENCIES:
        return base.mark_bar().encode(
            x=alt.X("n_whole_articles:Q", title="copy, in whole articles"),
            y=outlets,
            color=alt.Color("agency:N", title="agency"),
            tooltip=told,
        )
    return base.mark_line(point=True).encode(
        x=alt.X("week:T", title="week from"),
        y=alt.Y("wire_share:Q", title="mean share of wire copy", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("outlet:N", title=None),
        tooltip=told,
    )


def write_chart(table: PlotTable, file: Path) -> list[Path]:
    """Write the chart as HTML (with its table), SVG, PNG or JSON (Vega-Lite); return the files.

    A picture has its table beside it, as CSV. Nothing is asked of the network, then or later.
    Raises `ConfigError` for another form or a missing package, `StorageError` where it cannot be
    written or another file lies in the place of the table.
    """
    form = file.suffix.lower()
    if form not in FORMS:
        raise ConfigError(f"--output: {file} must end with one of {', '.join(FORMS)}")
    try:
        if form == ".html":
            write_small_file(file, write_page(table), is_lasting=False)
            return [file]
        beside = file.with_suffix(".csv")
        _refuse_other(beside, table)
        draw_chart(table).save(str(file))
        write_small_file(beside, write_csv(table), is_lasting=False)
    except ImportError:
        raise ConfigError(_MISSING) from None
    except OSError as error:
        raise StorageError(f"cannot write {file}: {error.strerror or error}") from error
    return [file, beside]


def _refuse_other(file: Path, table: PlotTable) -> None:
    """Raise `StorageError` where a file is there that is no table of this kind of plot."""
    if not file.exists():
        return
    with file.open("rb") as there:
        begin = there.readline(1_000)
    if begin.strip() != ",".join(table.columns.names).encode():
        raise StorageError(
            f"{file} is there already, and no table of this plot: name another file for the picture"
        )


def write_page(table: PlotTable) -> str:
    """Return a page with the chart and its table.

    The words of articles stand in a script of the page, where altair leaves a tag in a headline as
    it is: `</script>` in one would end it. So `<` is passed through as another character.
    """

    def shield(value: Any) -> Any:
        return value.replace("<", _SHIELD) if isinstance(value, str) else value

    rows = [{name: shield(to_plain(value)) for name, value in row.items()} for row in table.rows]
    page: str = _draw(table.kind, shield(table.title), rows).to_html(inline=True)
    for written in (_SHIELD, f"\\u{ord(_SHIELD):04x}"):
        page = page.replace(written, "\\u003c")
    before, end, after = page.rpartition("</body>")
    return f"{before}{write_table(table)}{end}{after}"


def write_table(table: PlotTable) -> str:
    """Return the rows as a table in HTML."""
    head = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in table.columns.names)
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in list_cells(row)) + "</tr>"
        for row in table.rows
    )
    style = "<style>table{border-collapse:collapse;font:13px sans-serif}td,th{padding:2px 10px;"
    style += "text-align:left;border-bottom:1px solid #ddd}</style>"
    caption = f"<caption>{html.escape(table.title)}</caption>"
    return f"{style}<table>{caption}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def write_csv(table: PlotTable) -> str:
    """Return the rows as CSV."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(table.columns.names)
    writer.writerows(list_cells(row) for row in table.rows)
    return sink.getvalue()


def list_cells(row: Any) -> list[Any]:
    """Return the values of a row as they are shown."""
    return ["" if value is None else to_plain(value) for value in row.values()]
