"""Pages that tests write themselves, in the manner of newspaper sites."""

import json
from typing import Any

PARAGRAPHS = (
    "The harbour council voted on Monday to repair the old lighthouse before winter, after three "
    "engineers had warned that its upper gallery could fall into the sea.",
    "Work is to begin in the second week of September and will cost about 1.2 million crowns, the "
    "mayor said, most of which comes from a fund for old buildings by the coast.",
    "Fishermen had asked for a light that can be seen from the outer bank, where two boats ran "
    "aground in March, and the council agreed to look into a stronger lamp.",
    "The lighthouse was built in 1871 and has had no keeper since 1979, when its lamp was first "
    "turned on and off by a clock in the harbour office.",
)
TITLE = "Council saves the lighthouse"


def make_page(
    paragraphs: Any = PARAGRAPHS,
    *,
    head: str = "",
    above: str = "",
    below: str = "",
    title: str = TITLE,
    after: str = "",
    ld: Any = None,
) -> str:
    """Return a page of the Harbour Gazette; `above` and `below` stand around its text."""
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld else ""
    body = "".join(f"<p>{words}</p>\n" for words in paragraphs)
    return f"""<!DOCTYPE html><html lang="en"><head><title>{title} | Harbour Gazette</title>
<meta property="og:site_name" content="Harbour Gazette">{head}{script}</head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>
<main><article><h1>{title}</h1>{above}<div class="article-body">{body}</div>{below}</article>
<aside class="related"><h3>More news</h3><ul>
<li><a href="/other">Ferry stopped by fog</a><p>Jane Roe and Agence France-Presse contributed to this report.</p></li>
<li><figure><img src="x.jpg"><figcaption>A ferry. (AP Photo/Ann Other)</figcaption></figure></li>
</ul></aside>{after}</main>
<footer><p>© 2024 Bloomberg L.P. All rights reserved.</p></footer></body></html>"""
