"""The colors and sizes that all figures share, for light and dark pages."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

# tone: (light, dark); blue and orange after Okabe and Ito (2008), safe for color-blind readers
TONES: Final[dict[str, tuple[str, str]]] = {
    "ink": ("#1b2430", "#e8ebef"),
    "muted": ("#586271", "#a6afbb"),
    "grid": ("#d6dbe1", "#3b434e"),
    "base": ("#0b6fa8", "#5ab4e5"),
    "second": ("#c75300", "#f2a541"),
    "paper": ("#ffffff", "#14181d"),
}
INK, MUTED, GRID, BASE, SECOND, PAPER = (light for light, _ in TONES.values())

# Colors of categories, distinct on light and dark pages; brighter where the whole figure is dark.
PALETTE: Final = (BASE, SECOND, "#009e73", "#b0559b", "#a88500", "#7c74d6", "#8b5a3c")
DARK_PALETTE: Final = (TONES["base"][1], TONES["second"][1], "#2fbf94", "#d98cc6", "#d3b73e", "#aaa3f5", "#c8946f")

FONT_SIZE: Final = 10.0  # points
WIDTH: Final = 4.9  # inches
WIDE: Final = 450.0  # points; wider figures get a class of their own in HTML

# Whether the figure being saved is for a page, which brings its own theme.
FOR_PAGE: ContextVar[bool] = ContextVar("for_page", default=False)
