"""What every page must be in every window: accessible, and laid out within it, with room for its content.

ESPALIER_PICTURES names a folder for screenshots.
"""

import os
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from tests.e2e.browser import AXE

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (1440, 1024, 390, 320)  # in which a page is accessible
#: In which a page is laid out well: 360x225 is what a window of 1440x900 has at 400 %.
WINDOWS = [
    *((width, 900) for width in WIDTHS),
    *((width, 900) for width in (340, 720, 760, 795)),
    (844, 390),
    (360, 225),
]
PICTURES = os.environ.get("ESPALIER_PICTURES")

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
  const walker = document.createTreeWalker(bar ?? document.createElement('header'), NodeFilter.SHOW_TEXT);
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
  const account = bar?.querySelector('summary')?.getBoundingClientRect();
  if (account && (account.left < 0 || account.right > innerWidth))
    problems.push('the account button is out of the window');
  const dialog = document.querySelector('dialog[open]')?.getBoundingClientRect();
  if (dialog && (dialog.left < 0 || dialog.right > innerWidth || dialog.top < 0 || dialog.bottom > innerHeight))
    problems.push('the dialog is out of the window');
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

#: What axe finds. Targets partly below the strip of steps or an open menu are left out: one scrolls, or closes it.
VIOLATIONS = """async rules => {
  const chosen = rules ? {runOnly: rules} : {rules: {'target-size': {enabled: true}}};  // which is off by default
  const {violations} = await axe.run(document, {resultTypes: ['violations'], ...chosen});
  const found = violations.map(({id, nodes}) =>
    [id, nodes.filter(node => !/partially obscured/.test(node.failureSummary)).map(({target}) => target)]);
  return found.filter(([, targets]) => targets.length > 0);
}"""


def check_everywhere(page: Page, name: str) -> None:
    """Checks a page in all windows. `name`: of its screenshots."""
    found = {
        f"{width}x{height}": problems for width, height in WINDOWS if (problems := problems_in(page, width, height))
    }
    for width in WIDTHS:
        settle(page, width, 900)
        check(page, f"{name}-{width}")
    assert not found, found


def check(page: Page, name: str) -> None:
    """That the page is accessible in this window, light and dark."""
    size = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert size[0] <= size[1], f"it scrolls sideways: {size}"
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png")
        rules = None if scheme == SCHEMES[0] else ["color-contrast"]  # colours alone differ
        violations = page.evaluate(VIOLATIONS, rules)
        assert violations == [], (scheme, page.viewport_size)


def problems_in(page: Page, width: int, height: int) -> list[Any]:
    settle(page, width, height)
    return list(page.evaluate(PROBLEMS))


def settle(page: Page, width: int, height: int) -> None:
    """Sizes the window, and waits for two frames: then observers of sizes have drawn again."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
