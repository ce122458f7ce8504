"""What moves on a page: layout shifts, and whether what was pressed is still under the pointer."""

from dataclasses import dataclass

from playwright.sync_api import Page

GOOD = 0.1  # what browsers call a good score of a whole visit
SETTLED_MS = 600
_SCRIPT = """
window.steady = { shift: 0, shifted: [], moved: [], pressed: 0 };
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    if (one.hadRecentInput) continue;
    window.steady.shift += one.value;
    const named = one.sources.map(({ node }) => node?.outerHTML?.slice(0, 160));
    window.steady.shifted.push(`${one.value.toFixed(3)} ${Math.round(one.startTime)} ${named}`);
  }
}).observe({ type: "layout-shift", buffered: true });
const place = (element) => {
  const { x, y } = element.getBoundingClientRect();
  return [Math.round(x + scrollX), Math.round(y + scrollY)];
};
addEventListener("pointerdown", (event) => {
  const pressed = event.target.closest?.("button, a, summary, label, [role=tab]");
  if (!pressed || pressed.closest("dialog")) return;
  window.steady.pressed += 1;
  const before = place(pressed);
  setTimeout(() => {
    if (!pressed.isConnected || !pressed.offsetParent) return;
    const after = place(pressed);
    if (Math.abs(after[0] - before[0]) + Math.abs(after[1] - before[1]) > 2) {
      window.steady.moved.push(`${pressed.textContent.trim().slice(0, 40)}: ${before} to ${after}`);
    }
  }, %d);
}, true);
"""


@dataclass(frozen=True, slots=True)
class Moves:
    """Since the page was loaded: the sum of layout shifts that nobody's input brought about, and
    what moved within a moment of being pressed, of so many presses.
    """

    shift: float
    shifted: list[str]
    moved: list[str]
    pressed: int


def watch(page: Page) -> None:
    """Look at what moves, from the next time the page is loaded."""
    page.add_init_script(_SCRIPT % (SETTLED_MS - 200))


def moves(page: Page) -> Moves:
    """Return what has moved, once the last press has settled."""
    page.wait_for_timeout(SETTLED_MS)
    seen = page.evaluate("window.steady")
    return Moves(seen["shift"], seen["shifted"], seen["moved"], seen["pressed"])
