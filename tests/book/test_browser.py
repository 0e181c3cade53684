"""Every page in a real browser: no errors, no other host, formulas set, pictures shown, readable
by everyone; folding, dark mode, search, downloads; and all of it opened from disk as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import lpbook as lp
from tests.reader import (
    PAGES,
    PAPER,
    ROOT,
    barriers,
    formulas_are_set,
    in_mode,
    opened,
    pictures_are_shown,
    searched,
    settled,
    unfold,
)
from tools.book import site
from tools.contents import contents
from tools.extensions.old_anchors import moved_anchors
from tools.extensions.search_words import SYMBOLS
from tools.statements import statements


def test_front_page_leads_to_the_book(tab: Page, complaints: list[str]) -> None:
    tab.goto("index.html")
    tab.wait_for_url(f"**/{PAGES[0]}.html")
    assert tab.title().startswith("Golden Tickets")
    assert complaints == []


# -- statements ----------------------------------------------------------------------------------


def test_every_claim_is_an_anchor_on_its_page(tab: Page) -> None:
    """A link to a statement is its name, whatever number it has."""
    stands_on = {name: entry["chapter"] for name, entry in statements(ROOT).items()}
    names: dict[str, list[str]] = {}
    for claim_name in lp.claims:
        names.setdefault(stands_on[claim_name], []).append(claim_name)
    tab.goto("search.html")
    for page, claim_names in names.items():
        found = tab.evaluate(
            """([page, names]) => fetch(page).then(r => r.text()).then(text => {
                 const page = new DOMParser().parseFromString(text, "text/html");
                 return names.filter(name => {
                   const at = page.getElementById(name);
                   return at && at.closest("main") && at.matches(".proof, .proof *"); });
               })""",
            [f"book/{page}.html", claim_names],
        )
        assert found == claim_names, page


def test_an_old_address_leads_on(tab: Page, complaints: list[str]) -> None:
    """A statement that left its chapter is found where old links to it lead."""
    chapters = {page.name: page.chapter for page in contents(ROOT)}
    stands_on = {name: entry["chapter"] for name, entry in statements(ROOT).items()}
    moved = {page: name for name, page in stands_on.items() if page != chapters[page]}
    assert len(moved) > 10
    for page, name in moved.items():
        tab.goto(f"book/{chapters[page]}.html#{name}")
        tab.wait_for_url(f"**/{page}.html#{name}")
        expect(tab.locator(f"#{name}")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("toolbox.html#prove-what-the-chapters-lean-on", "toolbox.html"),
        ("batch_sampling.html#reserved", "batch_sampling_further.html"),
    ],
)
def test_an_old_heading_leads_on(tab: Page, complaints: list[str], old: str, now: str) -> None:
    name = old.partition("#")[2]
    tab.goto(f"book/{old}")
    tab.wait_for_url(f"**/{now}#{name}")
    expect(tab.locator(f"section:has(> #{name}) > :is(h1, h2)")).to_be_in_viewport()
    assert complaints == []


def test_what_left_for_a_chapter_of_its_own_is_found_from_its_old_page(
    tab: Page, complaints: list[str]
) -> None:
    """The lists of `tools/old_anchors.toml` say what is where, and an old address leads there."""
    moved = moved_anchors("since_then")
    assert set(moved.values()) >= {"since_then", "since_vectors", "since_networks"}
    tab.goto("search.html")
    for chapter in dict.fromkeys(moved.values()):
        names = [name for name, place in moved.items() if place == chapter]
        pages = [page.name for page in contents(ROOT) if page.chapter == chapter]
        found = tab.evaluate(
            """pages => Promise.all(pages.map(page => fetch(page).then(r => r.text()).then(text =>
                 [...new DOMParser().parseFromString(text, "text/html").querySelectorAll("[id]")]
                   .map(e => e.id)))).then(ids => ids.flat())""",
            [f"book/{page}.html" for page in pages],
        )
        assert set(names) <= set(found), chapter
        old = "lottery_tickets_further" if chapter == "since_then" else "since_then"
        tab.goto(f"book/{old}.html#{names[0]}")
        tab.wait_for_url(re.compile(rf"/{chapter}(_further)?\.html#{names[0]}$"))
        expect(tab.locator(f"#{names[0]}")).to_be_visible()
        tab.goto("search.html")
    assert complaints == []


def test_the_address_of_a_figure_leads_nowhere_else(tab: Page, complaints: list[str]) -> None:
    tab.goto("book/#k=7&law=uniform")  # the folder is the front page
    expect(tab.locator("#explorable-idea.x-ready")).to_have_count(1)
    assert "further" not in tab.url
    assert complaints == []


# -- folding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_solutions_fold_and_unfold(tab: Page, complaints: list[str], hand: str) -> None:
    settled(tab, "book/golden_ratio.html")
    solutions = tab.locator("div.solution")
    source = (ROOT / "book" / "golden_ratio.md").read_text(encoding="utf-8")
    assert solutions.count() == source.count("{solution-start}") > 0
    solution = solutions.first
    button = solution.locator("button.toggle-button")
    inside = solution.locator("p, pre").nth(1)
    expect(inside).not_to_be_visible()
    for shown in (True, False, True):
        if hand == "mouse":
            solution.locator(".admonition-title").first.click(position={"x": 5, "y": 5})
        else:
            button.focus()
            tab.keyboard.press("Enter" if shown else "Space")
        expect(button).to_have_attribute("aria-expanded", str(shown).lower())
        (expect(inside).to_be_visible if shown else expect(inside).not_to_be_visible)()
    assert complaints == []


def test_keyboard_reaches_solutions_and_code(tab: Page) -> None:
    """Tab goes through folded parts, in sight of the reader, and skips what is folded away."""
    settled(tab, "book/golden_ratio.html")
    tab.locator("div.exercise").first.evaluate(
        "e => { e.tabIndex = -1; e.focus(); e.removeAttribute('tabindex'); }"
    )
    here = "document.activeElement"
    for _ in range(12):
        tab.keyboard.press("Tab")
        if tab.evaluate(f"{here}.matches('button.toggle-button')"):
            break
    else:
        pytest.fail("Tab never reaches the solution")
    assert tab.evaluate(f"getComputedStyle({here}).outlineStyle") == "solid"
    assert tab.evaluate(f"getComputedStyle({here}).outlineWidth") == "3px"
    tab.keyboard.press("Tab")
    assert not tab.evaluate(f"!!{here}.closest('.toggle-hidden .admonition-title ~ *')")

    code = tab.locator("details.hide").first
    code.locator("summary").focus()
    tab.keyboard.press("Enter")
    expect(code.locator("pre")).to_be_visible()


def test_skip_link_comes_first(tab: Page) -> None:
    tab.goto("book/malach.html")
    tab.keyboard.press("Tab")
    link = tab.locator("a:focus")
    expect(link).to_have_text("Skip to main content")
    expect(link).to_be_visible()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/malach.html#main-content")


# -- formulas --------------------------------------------------------------------------------------

# where most formulas stand
HEAVY = ["batch_sampling", "golden_ratio", "hyperbolic", "claims"]
MOST_FORMULAS = 400  # of a page, evenly spread, that are looked at piece by piece


@pytest.mark.parametrize("name", HEAVY)
def test_formulas_need_no_script(browser: Browser, address: str, name: str) -> None:
    """They are there at once, glyph by glyph where they stand with scripts."""
    drawn = """(formulas, most) => formulas.filter(
          (_, i) => i % Math.ceil(formulas.length / most) === 0).map(formula => {
        const { width, height } = getComputedStyle(formula.querySelector("svg"));
        const pieces = [...formula.querySelectorAll("svg *")].map(piece => {
            const { x, y, width, height } = piece.getBBox();
            return [piece.outerHTML, x, y, width, height]; });
        return [formula.dataset.tex, width, height, pieces]; })"""
    found = []
    for scripts in (False, True):
        with opened(browser, base_url=address, java_script_enabled=scripts) as page:
            settled(page, f"book/{name}.html")
            formulas_are_set(page)
            unfold(page)
            found.append(page.locator(".formula").evaluate_all(drawn, MOST_FORMULAS))
    without = found[0]
    assert len(without) > 100
    for _, *sizes, pieces in without:
        assert pieces
        assert all(float(size.removesuffix("px")) > 0 for size in sizes)
    assert [pair for pair in zip(*found, strict=True) if pair[0] != pair[1]] == []


# Where each piece of the text stands, from the top of the page.
STANDS = """() => [...document.querySelectorAll("article, article *:not(svg *, .spoken *)")]
    .filter(piece => piece.getClientRects().length > 0)
    .map(piece => [piece, piece.getBoundingClientRect()])
    .map(([piece, box]) => [piece, `${Math.round(box.left)} ${Math.round(box.top + scrollY)}`])"""


@pytest.mark.parametrize("name", HEAVY)
def test_nothing_moves_once_a_page_is_there(tab: Page, name: str) -> None:
    """From the moment it is loaded until it is read, the article and all that is in it stand."""
    tab.add_init_script(f"addEventListener('load', () => {{ window.stood = ({STANDS})(); }})")
    settled(tab, f"book/{name}.html")
    tab.evaluate(
        """async () => { for (let y = 0; y < document.body.scrollHeight; y += 2400) {
          scrollTo({ top: y, behavior: "instant" });
          await new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d))); } }"""
    )
    moved = f"""() => {{ const now = new Map(({STANDS})());
        return window.stood.filter(([piece, place]) => now.get(piece) !== place)
          .map(([piece, place]) => [piece.outerHTML.slice(0, 80), place, now.get(piece)]); }}"""
    assert tab.evaluate("window.stood.length") > 100
    assert tab.evaluate(moved) == []


def test_formulas_are_spoken(tab: Page) -> None:
    """A screen reader finds each formula in the page's tree, and what it is made of."""
    settled(tab, "book/malach.html")
    unfold(tab)
    tree = tab.context.new_cdp_session(tab).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    assert roles.count("MathMLMath") == tab.locator(".formula").count() > 100
    assert roles.count("MathMLIdentifier") > 300
    assert roles.count("MathMLFraction") > 10
    assert roles.count("SvgRoot") == 0, "what is seen is not heard"


def test_copied_text_has_its_formulas_as_tex(tab: Page, address: str) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    settled(tab, "book/batch_sampling.html")
    tab.evaluate("""() => { const lemma = document.querySelector("div.proof");
        getSelection().selectAllChildren(lemma); }""")
    tab.keyboard.press("Control+c")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert "Let each of $k$ categories contain one sample with probability at least $c$" in copied
    formula = r"$$M=\Bigl\lceil\frac2c\Bigl(m+\ln\frac k\delta\Bigr)\Bigr\rceil$$"
    assert formula in copied
    assert copied.index(formula) < copied.index("independent samples every category")
    rich = tab.evaluate(
        """async () => { const [item] = await navigator.clipboard.read();
           return (await item.getType("text/html")).text(); }"""
    )
    assert '<math display="block"' in rich
    assert "<svg" not in rich
    # a part of a formula is the whole
    tab.evaluate("""() => getSelection().selectAllChildren(
        document.querySelector("div.proof .formula .spoken mi"))""")
    tab.keyboard.press("Control+c")
    assert tab.evaluate("navigator.clipboard.readText()") == "$k$"


JOINER = "\N{WORD JOINER}"


def test_copied_text_has_no_letters_without_width(tab: Page, address: str) -> None:
    """A word joiner, which only says where no line may end, stays on the page."""
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    settled(tab, "book/batch_sampling.html")
    with_formulas = tab.locator("article p:has(.formula)").first
    without = tab.locator("article p:not(:has(.formula))").first
    for passage in (with_formulas, without):
        passage.evaluate("(p, joiner) => p.append(joiner, 'here')", JOINER)
        assert JOINER in passage.inner_text()
        passage.evaluate("passage => getSelection().selectAllChildren(passage)")
        tab.keyboard.press("Control+c")
        for kind in ("text/plain", "text/html"):
            copied = tab.evaluate(
                """async kind => { const [item] = await navigator.clipboard.read();
                   return (await item.getType(kind)).text(); }""",
                kind,
            )
            assert JOINER not in copied
            assert "here" in copied


# Where a line ends between a formula and what touches it.
TORN = r"""() => {
  const middle = box => (box.top + box.bottom) / 2;
  const torn = [];
  for (const formula of document.querySelectorAll("article span.formula:not(.wide)")) {
    const drawings = [...formula.querySelectorAll(":scope > svg")];
    const drawing = drawings.find(svg => svg.checkVisibility())?.getBoundingClientRect();
    const [before, after] = [formula.previousSibling, formula.nextSibling];
    const ends = [[before, /[^\s\u2060](?=\u2060*$)/], [after, /(?<=^\u2060*)[^\s\u2060]/]];
    for (const [text, sign] of ends) {
      const found = text?.nodeType === 3 && sign.exec(text.data);
      if (!drawing || !found) continue;
      const range = document.createRange();
      range.setStart(text, found.index);
      range.setEnd(text, found.index + 1);
      const box = [...range.getClientRects()].pop();
      const line = parseFloat(getComputedStyle(formula.parentElement).fontSize);
      if (box && Math.abs(middle(box) - middle(drawing)) > 0.8 * line)
        torn.push(`${found[0]} at ${formula.dataset.tex}`);
    }
  }
  return torn; }"""


@pytest.mark.parametrize("name", ["golden_ratio_further", "main_theorem", "real_ticket"])
def test_a_formula_stays_with_the_sign_that_touches_it(tab: Page, name: str) -> None:
    """At any width: no line ends with a bracket whose formula is on the next one."""
    settled(tab, f"book/{name}.html")
    for width in range(340, 440, 10):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate(TORN) == [], width


def test_a_name_stays_with_its_number(tab: Page) -> None:
    settled(tab, "book/malach.html")
    links = tab.locator("article a.reference.internal", has_text=re.compile(r"^\w+\.? \d+\.\d+$"))
    assert links.count() > 10
    lines = "links => links.map(link => link.getClientRects().length)"
    for width in range(340, 440, 10):
        tab.set_viewport_size({"width": width, "height": 900})
        assert set(links.evaluate_all(lines)) == {1}, width


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_formula_is_seen_large_and_copied(
    tab: Page, complaints: list[str], address: str, hand: str
) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    settled(tab, "book/batch_sampling.html")
    formula = tab.locator("div.formula").first
    box = tab.locator("dialog.formula-box")
    if hand == "mouse":
        formula.click(button="right")
        box.get_by_role("button", name="Copy TeX").click()
    else:
        formula.focus()
        assert formula.evaluate("f => getComputedStyle(f).outlineStyle") == "solid"
        tab.keyboard.press("Enter")
        box.get_by_role("button", name="Copy TeX").focus()
        tab.keyboard.press("Enter")
    expect(box).to_be_visible()
    expect(box.get_by_role("button", name="Copied")).to_be_visible()
    assert tab.evaluate("navigator.clipboard.readText()") == formula.get_attribute("data-tex")
    heights = [f.locator("svg").first.bounding_box()["height"] for f in (formula, box)]
    assert heights[1] > 1.5 * heights[0]
    assert barriers(tab) == []
    box.get_by_role("button", name="Copy MathML").click()
    expect(box.get_by_role("button", name="Copied")).to_have_count(2)
    assert tab.evaluate("navigator.clipboard.readText()").startswith("<math")
    tab.keyboard.press("Escape")
    expect(box).to_have_count(0)
    if hand == "keyboard":
        expect(formula).to_be_focused()
    assert complaints == []


def test_search_cites_formulas_as_tex(tab: Page) -> None:
    searched(tab, "probability")
    cited = tab.locator("#search-results p.context")
    expect(cited.filter(has_text="$")).not_to_have_count(0)
    words = "".join(cited.all_text_contents())
    assert not any("\ue000" <= letter <= "\uf8ff" for letter in words)


# -- light and dark, phone, paper ------------------------------------------------------------------


def brightness(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 765


def test_dark_mode_is_dark_and_remembered(tab: Page) -> None:
    colour = "getComputedStyle(document.body).{}"
    for mode, dark in (("light", False), ("dark", True)):
        tab.emulate_media(reduced_motion="reduce")
        settled(tab, "book/index.html")
        in_mode(tab, mode)
        settled(tab, "book/malach.html")  # another page, the same choice
        expect(tab.locator("html")).to_have_attribute("data-theme", mode)
        assert (brightness(tab.evaluate(colour.format("backgroundColor"))) < 0.2) == dark
        assert (brightness(tab.evaluate(colour.format("color"))) > 0.6) == dark
        figure = tab.locator("article figure img").first
        assert figure.evaluate("f => getComputedStyle(f).filter").startswith("invert") == dark
        logo = tab.locator(".navbar-brand img:visible")
        assert logo.count() == 1
        assert logo.evaluate("image => image.naturalWidth") > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mode_follows_the_system_at_first(browser: Browser, address: str, scheme: Any) -> None:
    with opened(browser, base_url=address, color_scheme=scheme) as page:
        page.goto("book/index.html")
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)


def test_code_scrolls_in_its_box_on_a_phone(tab: Page) -> None:
    """It says so at its edge, keeps a readable size, and answers to the keyboard."""
    tab.set_viewport_size({"width": 390, "height": 900})
    settled(tab, "book/main_theorem_further.html")
    first = tab.locator("article div.highlight pre[data-more='right']:visible").first
    first.evaluate("box => { box.id = 'tried'; }")
    box = tab.locator("#tried")
    expect(box).to_have_attribute("tabindex", "0")
    assert "gradient" in box.evaluate("b => getComputedStyle(b).maskImage")
    box.focus()
    tab.keyboard.press("ArrowRight")
    expect(box).not_to_have_attribute("data-more", "right")
    box.evaluate("b => b.scrollTo(b.scrollWidth, 0)")
    expect(box).to_have_attribute("data-more", "left")


def test_a_wide_figure_is_shown_once(tab: Page) -> None:
    """Whole on a wide page and on paper, in parts on a phone: each part in its window."""
    settled(tab, "book/malach.html")
    whole = tab.locator("#fig-malach-waits .scroll-box")
    parts = tab.locator("#fig-malach-waits .panels > span")
    assert parts.count() > 1
    for width, media, narrow in (
        (1280, "screen", False),
        (390, "screen", True),
        (390, "print", False),
    ):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(media=media)
        expect(whole).to_be_visible(visible=not narrow)
        expect(parts.first).to_be_visible(visible=narrow)
    tab.emulate_media(media="screen")
    boxes = [part.bounding_box() for part in parts.all()]
    tops = [box["y"] for box in boxes if box is not None]
    assert tops == sorted(set(tops))
    assert all(box is not None and 200 < box["width"] <= 390 for box in boxes[1:])


def test_a_row_of_a_wide_table_is_a_list_on_a_phone(tab: Page) -> None:
    settled(tab, "book/notation.html")
    label = tab.locator("table.stacks .cell-label").first
    expect(label).not_to_be_visible()
    tab.set_viewport_size({"width": 390, "height": 900})
    expect(label).to_be_visible()
    expect(label).to_have_text("meaning")
    expect(tab.locator("table.stacks thead").first).not_to_be_visible()
    tab.goto("book/in_practice.html")
    asks = tab.locator("table.stacks .cell-label", has_text="?").first
    expect(asks).to_be_visible()
    assert asks.evaluate("label => getComputedStyle(label, '::after').content") == '""'
    tab.goto("book/api.html")
    row = tab.locator("table.autosummary tr").first
    tops = row.locator("td").evaluate_all("cells => cells.map(c => c.getBoundingClientRect().top)")
    assert tops[0] < tops[1]


def test_a_wide_formula_is_set_in_lines_on_a_phone(tab: Page) -> None:
    settled(tab, "book/malach.html")
    pair = tab.locator("div.formula:has(> svg + svg) > svg")
    expect(pair.nth(0)).to_be_visible()
    expect(pair.nth(1)).not_to_be_visible()
    tab.set_viewport_size({"width": 390, "height": 900})
    expect(pair.nth(0)).not_to_be_visible()
    expect(pair.nth(1)).to_be_visible()


@pytest.mark.parametrize("name", ["index", "golden_ratio"])
def test_narrow_pictures_are_shown_whole_on_a_phone(tab: Page, name: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 900})
    settled(tab, f"book/{name}.html")
    pictures_are_shown(tab)
    narrow, hidden = tab.evaluate(
        """() => { const boxes = [...document.querySelectorAll("article .scroll-box")]
             .filter(box => box.firstChild.naturalWidth <= 520);
           return [boxes.length, Math.max(...boxes.map(b => b.scrollWidth - b.clientWidth))]; }"""
    )
    assert narrow > 0
    assert hidden <= 1


@pytest.mark.parametrize("name", ["lottery_tickets", "malach"])
def test_picture_stands_before_its_code(tab: Page, name: str) -> None:
    settled(tab, f"book/{name}.html")
    code, picture = (
        tab.locator(f"div.cell.tag_hide-input {part}").first.bounding_box()
        for part in ("summary", "img")
    )
    assert code is not None
    assert picture is not None
    assert code["y"] > picture["y"] + picture["height"]


def test_reduced_motion(tab: Page) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter(e =>
        parseFloat(getComputedStyle(e).transitionDuration) > 0
        || getComputedStyle(e).animationName !== "none").length"""
    tab.goto("book/malach.html")
    assert tab.evaluate(moving) > 0
    tab.emulate_media(reduced_motion="reduce")
    assert tab.evaluate(moving) == 0
    assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_paper_is_white_even_in_dark_mode(tab: Page) -> None:
    tab.emulate_media(reduced_motion="reduce")
    settled(tab, "book/malach.html")
    in_mode(tab, "dark")
    tab.emulate_media(media="print", reduced_motion="reduce")
    assert brightness(tab.evaluate("getComputedStyle(document.body).backgroundColor")) == 1
    assert brightness(tab.evaluate("getComputedStyle(document.body).color")) < 0.3
    figure = tab.locator("article figure img").first
    assert figure.evaluate("f => getComputedStyle(f).filter") == "none"
    clicked = (".copybtn", "a.download", "button.toggle-button", "details.quiz")
    for gone in (*clicked, ".bd-sidebar-primary", "#jb-print-toc"):
        assert tab.locator(f"{gone}:visible").count() == 0
    (title,) = tab.locator("h1:visible").all()
    assert title.inner_text().startswith("2. ")


def test_no_picture_is_higher_than_a_sheet(tab: Page) -> None:
    """One that is would be cut, after an empty sheet."""
    settled(tab, "book/since_then.html")
    tab.set_viewport_size(PAPER)  # type: ignore[arg-type]
    tab.emulate_media(media="print")
    picture = tab.locator("article figure").first
    assert picture.evaluate("f => f.getBoundingClientRect().height") < PAPER["height"]


# -- search, downloads, citations ------------------------------------------------------------------


def found_by(tab: Page, query: str) -> list[str]:
    """Pages that the search lists for some words, best first."""
    searched(tab, query)
    links = tab.locator("#search-results li > a").evaluate_all("links => links.map(a => a.href)")
    return [Path(urlsplit(link).path).stem for link in links]


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("phi", "golden_ratio"),
        ("φ", "golden_ratio"),
        ("golden ratio", "golden_ratio"),
        ("decompose", "api"),
        ("lpbook.prune", "api"),
        ("hyperbolic", "hyperbolic"),
        ("greedy digits", "golden_ratio"),
        ("Chernoff", "toolbox"),
    ],
)
def test_search(tab: Page, complaints: list[str], query: str, page: str) -> None:
    assert page in found_by(tab, query)[:2]
    assert complaints == []


def test_search_puts_the_page_first_that_introduces_it(tab: Page) -> None:
    searched(tab, "phi")
    best = """query => { const found = Search._performSearch(...Search._parseQuery(query));
        return found.at(-1)[0]; }"""
    names = [name for page in SYMBOLS.values() for name in page]
    assert len(names) == len(set(names)) > 40
    wrong = {
        (name, page): found
        for page, names in SYMBOLS.items()
        for name in names
        if (found := tab.evaluate(best, name)) != f"book/{page}"
    }
    assert wrong == {}


def test_click_downloads(tab: Page, complaints: list[str]) -> None:
    settled(tab, "book/golden_ratio.html")
    with tab.expect_download() as download:
        tab.locator("article a.download").first.click()
    assert download.value.suggested_filename == "golden_ratio.ipynb"
    assert complaints == []


@pytest.mark.parametrize("name", ["how_to", "golden_ratio"])
def test_citation_can_be_copied(tab: Page, complaints: list[str], address: str, name: str) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    settled(tab, f"book/{name}.html")
    block = tab.locator("div.highlight-bibtex").first
    block.hover()
    button = block.locator("button.copybtn")
    button.evaluate(  # it says so for a moment: noted, whenever it is
        """b => new MutationObserver(() => {
             if (b.classList.contains("success")) b.dataset.said = "so";
           }).observe(b, {attributeFilter: ["class"]})"""
    )
    button.click()
    expect(button).to_have_attribute("data-said", "so")
    assert tab.evaluate("navigator.clipboard.readText()").startswith("@")
    assert complaints == []


def test_nothing_a_reader_does_asks_another_host(tab: Page, complaints: list[str]) -> None:
    """Search by keyboard, a formula, the modes, the figures, folded parts: `tab` listens."""
    settled(tab, "book/golden_ratio.html")
    tab.locator("article .formula").first.click(button="right")
    tab.locator("dialog.formula-box button", has_text="Copy TeX").click()
    tab.keyboard.press("Escape")
    in_mode(tab, "dark")
    unfold(tab)
    for control in tab.locator(
        ".explorable button:visible:not(.x-full-screen), .explorable input:visible"
    ).all():
        control.focus()
        tab.keyboard.press("Space")
        tab.keyboard.press("ArrowRight")
    for cell in tab.locator("button.copybtn").all()[:3]:
        cell.evaluate("button => button.click()")
    tab.keyboard.press("Control+k")
    tab.locator(".search-button__search-container input:visible").fill("golden ratio")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results li a")
    tab.locator("#search-results li > a").first.click()
    tab.wait_for_url("**/book/*.html*", wait_until="load")
    assert complaints == []


# -- from disk ---------------------------------------------------------------------------------


@pytest.fixture
def disk(browser: Browser, built_site: Path, complaints: list[str]) -> Iterator[Page]:
    """A tab for files, which reaches nothing else."""
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        listen(page, complaints)
        yield page


def listen(page: Page, complaints: list[str]) -> None:
    """Note what a page from disk lacks, or asks of another host."""
    # Browsers read no file for a script: search has no extracts, fonts are not loaded ahead.
    page.on(
        "requestfailed",
        lambda request: (
            None
            if Path(unquote(urlsplit(request.url).path)).is_file()
            else complaints.append(f"no {request.url}")
        ),
    )
    page.on(
        "pageerror",
        lambda error: None if "Failed to fetch" in str(error) else complaints.append(str(error)),
    )
    page.on(
        "request",
        lambda request: (
            None
            if urlsplit(request.url).scheme in ("file", "data", "blob")
            else complaints.append(f"asks for {request.url}")
        ),
    )


def test_opens_from_disk(disk: Page, complaints: list[str]) -> None:
    disk.goto((site(ROOT) / "index.html").as_uri())
    disk.wait_for_url(f"**/{PAGES[0]}.html")
    for name in ("book/index", "book/golden_ratio"):
        settled(disk, (site(ROOT) / f"{name}.html").as_uri())
        assert disk.locator(".formula").count() > 0
        formulas_are_set(disk)
        pictures_are_shown(disk)
        for family in ("Formulas", "Awesome"):
            disk.wait_for_function(
                """family => [...document.fonts].some(
                     font => font.status === "loaded" && font.family.includes(family))""",
                arg=family,
            )
    blue = disk.evaluate("getComputedStyle(document.querySelector('article p a')).color")
    assert blue in ("rgb(31, 95, 153)", "rgb(127, 184, 234)"), "the book's own styles"
    disk.locator("a.right-next").click()
    disk.wait_for_url(f"**/{PAGES[PAGES.index('book/golden_ratio') + 1]}.html")
    disk.locator("a.left-prev").click()
    disk.wait_for_url("**/golden_ratio.html")
    assert complaints == []


def test_search_works_from_disk(disk: Page, complaints: list[str]) -> None:
    disk.goto((site(ROOT) / "search.html").as_uri() + "?q=phi")
    link = disk.locator("#search-results li > a").first
    assert "golden_ratio.html" in (link.get_attribute("href") or "")
    assert complaints == []
    link.click()
    disk.wait_for_url("**/golden_ratio.html*")
