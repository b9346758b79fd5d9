"""The pages as people use them: with keyboard, on a narrow screen, in the dark, without scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
PAGES = [
    "front", "story", "article", "passage", "compare", "why", "search", "outdated", "outlets",
    "agencies", "corrections", "runs", "sources", "rejected", "sql", "help",
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(
    address: str, paths: dict[str, str], open_page: Open, name: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(address + paths[name], color_scheme=scheme)
    found = axe.run(page).response["violations"]
    told = [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found]
    assert told == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_at_320_pixels(
    address: str, paths: dict[str, str], open_page: Open, name: str
) -> None:
    page = open_page(address + paths[name], viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_without_scripts(
    address: str, paths: dict[str, str], open_page: Open, name: str
) -> None:
    page = open_page(address + paths[name], java_script_enabled=False)
    assert page.locator("h1").count() == 1
    assert page.locator("main").inner_text().strip()


def test_filters_work_without_scripts(address: str, open_page: Open) -> None:
    page = open_page(address, java_script_enabled=False)
    before = page.locator(".thread").count()
    page.fill("#min_newsrooms", "3")
    page.click("text=Show")
    assert "min_newsrooms=3" in page.url
    assert 0 < page.locator(".thread").count() < before


def test_with_scripts_a_filter_changes_the_list_and_not_the_page(
    address: str, open_page: Open
) -> None:
    page = open_page(address)
    before = page.locator(".thread").count()
    page.evaluate("window.stays = true")
    page.select_option("#agency", "AP")
    page.wait_for_url("**agency=AP**")
    page.locator("#count", has_text="4 story threads").or_(page.locator(".thread")).first.wait_for()
    assert 0 < page.locator(".thread").count() < before
    assert page.evaluate("window.stays") is True
    assert "agency=AP" in page.url


def test_three_clicks_lead_from_the_front_page_to_the_proof_of_a_sentence(
    address: str, paths: dict[str, str], open_page: Open
) -> None:
    page = open_page(address + "/?sort=copied")
    page.click(f".thread a[href='{paths['story']}']")
    page.locator(".items a", has_text="Anger grows in Ostrel's villages").first.click()
    sentence = page.locator(".words mark").first.inner_text()
    page.locator("text=/^Proof: beside/").first.click()
    rows = page.locator(".pair.same").first.locator("p:not(.label)").all_inner_texts()
    assert len(rows) == 2
    assert rows[0].split()[:8] == rows[1].split()[:8] == sentence.split()[:8]


def test_the_same_way_can_be_gone_with_the_keyboard_alone(
    address: str, paths: dict[str, str], open_page: Open
) -> None:
    page = open_page(address + "/?sort=copied")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    go_to(page, paths["story"])
    go_to(page, paths["article"])
    assert page.evaluate(
        "getComputedStyle(document.activeElement ?? document.body).outlineStyle"
    ) in ("none", "auto", "solid")
    tab_until(page, "document.activeElement.textContent.startsWith('Proof:')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/**")


def tab_until(page: Any, condition: str) -> None:
    for _ in range(250):
        if page.evaluate(condition):
            width = page.evaluate(
                "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
            )
            assert width >= 2, "the focus cannot be seen"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads there: {condition}")


def go_to(page: Any, path: str) -> None:
    tab_until(page, f"document.activeElement.getAttribute('href') === '{path}'")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("name", ["article", "compare", "story"])
def test_a_page_prints_with_its_letters_and_without_its_menus(
    address: str, paths: dict[str, str], open_page: Open, tmp_path: Path, name: str
) -> None:
    page = open_page(address + paths[name])
    page.emulate_media(media="print")
    assert not page.locator("header.site nav").is_visible()
    if name == "article":
        assert page.locator(".gutter .chip").first.is_visible()
    printed = page.pdf(path=tmp_path / "page.pdf")
    assert printed.startswith(b"%PDF")


def test_a_correction_is_made_and_taken_back(writable: str, open_page: Open) -> None:
    page = open_page(writable + "/?sort=copied")
    page.locator(".thread h3 a").first.click()
    form = page.locator(".correct form").nth(2)
    form.locator("[name=title]").fill("The valley after the quake")
    form.locator("[name=reason]").fill("our words for it")
    form.locator("[name=said_by]").fill("Ada")
    form.locator("button").click()
    page.goto(writable + "/corrections")
    page.wait_for_selector("text=The valley after the quake", timeout=60_000)
    page.locator("#corrections table").wait_for(timeout=60_000)
    page.locator(".waiting").wait_for(state="detached", timeout=60_000)
    page.locator("#corrections button", has_text="Undo").click()
    page.wait_for_selector("text=Nobody has corrected anything.", timeout=60_000)


def test_a_cold_page_weighs_under_100_kilobytes(
    address: str, paths: dict[str, str], open_page: Open
) -> None:
    for name in ("front", "story", "article", "compare", "search"):
        page = open_page("about:blank")
        weights: list[int] = []
        weigh(page, weights)
        page.goto(address + paths[name])
        page.wait_for_load_state("networkidle")
        assert 5_000 < sum(weights) < 100_000, name


def weigh(page: Any, weights: list[int]) -> None:
    """Add what each answer weighs on the wire."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def add(one: dict[str, Any]) -> None:
        weights.append(int(one["encodedDataLength"]))

    session.on("Network.loadingFinished", add)
