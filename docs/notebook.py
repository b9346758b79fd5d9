"""Who ran whose words, in a notebook: `marimo edit notebook.py`, where `wirethread demo` was run."""

import marimo

app = marimo.App(app_title="wirethread")


@app.cell
def _():
    import os

    import marimo as mo

    import wirethread as wt

    archive = wt.open(os.environ.get("WIRETHREAD_DATA", "wirethread-demo"))
    return archive, mo


@app.cell
def _(mo):
    mo.md("""
    # Whose words?

    The story threads, and how many independent sources stand behind each.
    """)


@app.cell
def _(archive):
    stories = archive.stories(min_articles=2)
    stories.pl().select("title", "n_articles", "n_outlets", "n_independent_sources")
    return (stories,)


@app.cell
def _(archive, mo, stories):
    chosen = mo.ui.dropdown(
        {story.title: story.thread_id for story in stories}, value=stories[0].title, label="story"
    )
    mo.vstack([chosen, archive.plot.timeline(stories[0].thread_id).chart])
    return (chosen,)


@app.cell
def _(archive, chosen):
    story = archive.story(chosen.value)
    story  # it draws itself: articles, independent sources, reasons
    return (story,)


@app.cell
def _(mo):
    mo.md("""
    ## Who copied whom

    How long after, how many words, and whether it is credited.
    """)


@app.cell
def _(archive):
    copies = archive.copies(limit=20)
    copies.pl().select(
        "from_outlet", "to_outlet", "lag_minutes", "n_words", "relation", "is_credited"
    )
    return (copies,)


@app.cell
def _(archive):
    wire_shares = archive.sql(
        "SELECT outlet, count(*) AS n_articles, round(avg(share), 2) AS wire_share"
        " FROM article_derivation JOIN articles USING (article_id)"
        " GROUP BY outlet ORDER BY wire_share DESC, outlet"
    )
    wire_shares.pl()
    return (wire_shares,)


@app.cell
def _(mo):
    mo.md("""
    ## Where a passage went
    """)


@app.cell
def _(archive, mo):
    widest = archive.sql(
        "SELECT passage_id, agency, n_places FROM passages ORDER BY n_places DESC, passage_id LIMIT 1"
    )[0]
    spread = archive.plot.spread(widest.passage_id)
    mo.vstack([spread.chart, spread.table.pl()])
    return spread, widest


if __name__ == "__main__":
    app.run()
