"""Every page in small windows, zoomed ones among them: 360x225 is what a window of 1440x900 has at 400 %."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PAGES, Visited

pytestmark = [pytest.mark.spine, pytest.mark.browser]

WINDOWS = [(width, 900) for width in (320, 340, 720, 760, 795, 1024)] + [(844, 390), (360, 225), (1440, 900)]

#: What is wrong with the page in this window, in words.
PROBLEMS = """() => {
  const problems = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('main *')].filter(each => {
      if (each.getBoundingClientRect().right <= innerWidth + 0.5) return false;
      for (let up = each.parentElement; up; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible') return false;
      return true;
    });
    const named = wide.slice(0, 3).map(each => `${each.tagName} ${each.getAttribute('class')}`);
    problems.push(`scrolls sideways, ${root.scrollWidth} > ${innerWidth}: ${named.join(', ')}`);
  }
  const bar = document.querySelector('header');
  const texts = [];
  const walker = document.createTreeWalker(bar, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width > 0 && walker.currentNode.parentElement.checkVisibility())
      texts.push({words: walker.currentNode.data, box});
  }
  for (const [i, {words, box}] of texts.entries())
    for (const other of texts.slice(i + 1)) {
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > 1 && down > 1) problems.push(`${words} lies on ${other.words}`);
    }
  const account = bar.querySelector('summary').getBoundingClientRect();
  if (account.left < 0 || account.right > innerWidth) problems.push('the account button is out of the window');
  const stuck = [...document.querySelectorAll('body *')].filter(each => {
    const {position, bottom, top} = getComputedStyle(each);
    return position === 'sticky' && (top !== 'auto' || bottom !== 'auto') && each.checkVisibility();
  });
  const across = stuck.filter(each => each.offsetWidth > innerWidth / 2);
  const high = across.reduce((sum, each) => sum + each.offsetHeight, 0);
  if (high > innerHeight / 3)
    problems.push(`${high} of ${innerHeight} px are sticky: ${across.map(each => each.className).join(', ')}`);
  return problems;
}"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_small_windows(visited: Visited, name: str) -> None:
    page = visited.page(1440)
    page.goto(visited.url(name))
    expect(page.locator(PAGES[name][1]).first).to_be_attached()
    found: dict[str, Any] = {}
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        if problems := settled(page):
            found[f"{width}x{height}"] = problems
    page.context.close()
    assert not found, found


def settled(page: Page) -> list[str]:
    """What is wrong after two frames in the new window, which is when observers of sizes have drawn anew."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return list(page.evaluate(PROBLEMS))
