"""`archive.plot`: pictures of an open archive, each with its table."""

# ruff: noqa: PLC0415 - altair and the questions behind it wait until a plot is asked for

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wirethread.archive import Snapshot
from wirethread.python.answers import Answers, Row
from wirethread.python.moments import check_key, check_words, read_moment

if TYPE_CHECKING:
    from wirethread.storage.answers.whole.plotted import PlotTable

__all__ = ["Plot", "Plots"]

Moment = datetime | date | str | None


class Plot:
    """A picture and the rows that it shows."""

    def __init__(self, table: "PlotTable") -> None:
        self._table = table
        self.title = table.title

    @property
    def table(self) -> Answers[Row]:
        """The rows, with `.df()`, `.pl()` and `.arrow()`, which have columns without rows too."""
        rows = [dict(row) for row in self._table.rows]
        table = pa.Table.from_pylist(rows, schema=self._table.columns)
        return Answers([Row(row) for row in rows], Row, table)

    @property
    def chart(self) -> Any:
        """The `altair.Chart`. Raises `ConfigError` where altair is not installed."""
        from wirethread.plots.charts import draw_chart

        return draw_chart(self._table)

    def save(self, file: str | Path) -> list[Path]:
        """Write it as .html (with its table), .svg, .png or .json; return the files.

        Raises `ConfigError` for another form, `StorageError` where it cannot be written.
        """
        from wirethread.plots.charts import write_chart

        return write_chart(self._table, Path(file))

    def _repr_mimebundle_(self, **given: Any) -> Any:
        return self.chart._repr_mimebundle_(**given)


class Plots:
    """The plots of an archive: `archive.plot.agencies()` and so on."""

    def __init__(self, read: Callable[[], AbstractContextManager[Snapshot]]) -> None:
        self._read = read

    def timeline(self, story_id: str) -> Plot:
        """Articles of a story in time, by outlet, with their share of wire copy.

        Raises `NotFoundError`.
        """
        check_key(story_id, "story_id")
        return self._plot("timeline", story_id)

    def copying(self, *, since: Moment = None, outlet: str | None = None) -> Plot:
        """Whose copy each outlet runs, by passages; with `outlet` that it runs or that is its."""
        return self._plot("copying", since=since, outlet=outlet)

    def spread(self, passage_id: str) -> Plot:
        """Where a passage ran, in time. Raises `NotFoundError`."""
        check_key(passage_id, "passage_id")
        return self._plot("spread", passage_id)

    def agencies(self, *, since: Moment = None, outlet: str | None = None) -> Plot:
        """How much copy of which agency each outlet runs, in whole articles."""
        return self._plot("agencies", since=since, outlet=outlet)

    def wire_share(self, *, since: Moment = None, outlet: str | None = None) -> Plot:
        """Mean share of wire copy by week and outlet."""
        return self._plot("wire-share", since=since, outlet=outlet)

    def _plot(
        self,
        kind: str,
        subject: str | None = None,
        *,
        since: Moment = None,
        outlet: str | None = None,
    ) -> Plot:
        from wirethread.storage.answers.whole.plotted import PlotKind, load_table

        check_words(outlet=outlet)
        chosen: PlotKind = PlotKind(kind)
        moment = read_moment(since, "since")
        naive = None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
        with self._read() as snapshot:
            return Plot(load_table(snapshot.catalog, chosen, subject, since=naive, outlet=outlet))
