"""The pictures of the README are pictures of the page: they differ from it hardly at all.

`WIRETHREAD_SCREENSHOTS=write` makes them anew.
"""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[3] / "docs"
MOST_DIFFERENT = 0.12
"""Share of the pixels: fonts differ from machine to machine, a page that changed differs more."""
SHOTS = {
    "page-article": ("article", "light"),
    "page-article-dark": ("article", "dark"),
    "page-story": ("story", "light"),
    "page-front": ("front", "light"),
    "page-compare": ("compare", "light"),
}
COMPARE = """
async ([left, right]) => {
  const load = async (data) => {
    const image = new Image(); image.src = "data:image/png;base64," + data; await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width; canvas.height = image.height;
    const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await load(left), await load(right)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  let different = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    const far = Math.abs(a.data[i] - b.data[i]) + Math.abs(a.data[i + 1] - b.data[i + 1])
      + Math.abs(a.data[i + 2] - b.data[i + 2]);
    if (far > 60) different += 1;
  }
  return different / (a.data.length / 4);
}
"""


@pytest.mark.parametrize("name", SHOTS)
def test_the_picture_in_the_documentation_shows_the_page_as_it_is(
    address: str, paths: dict[str, str], open_page: Callable[..., Any], name: str
) -> None:
    path, scheme = SHOTS[name]
    page = open_page(
        address + paths[path], color_scheme=scheme, viewport={"width": 1200, "height": 860}
    )
    shot = page.screenshot()
    file = DOCS / f"{name}.png"
    if os.environ.get("WIRETHREAD_SCREENSHOTS") == "write":
        file.write_bytes(shot)
    blank = open_page("about:blank")
    texts = [base64.b64encode(one).decode() for one in (file.read_bytes(), shot)]
    assert blank.evaluate(COMPARE, texts) <= MOST_DIFFERENT
