"""Draw one picture of every chart for `docs/charts.md`: SVG that follows the reader's light or dark theme.

Run with `python docs/gallery.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import tidynet as tn
from tidynet.plot import write_svg
from tidynet.plot.chart_registry import CHART_NAMES

IMAGES = Path(__file__).parent / "images" / "charts"
SIZE = (4.2, 2.9)

MASS = {"x": "species", "y": "body_mass_g"}
SHAPE = {"x": "flipper_length_mm", "y": "body_mass_g"}
# What each chart is drawn from; the days are made up below, all else are the penguins.
SHOWN: dict[str, dict[str, Any]] = {
    **{kind: {"x": "species"} for kind in ("bar", "pie", "donut", "waffle")},
    **{kind: {"x": "body_mass_g"} for kind in ("histogram", "density", "zoom")},
    **{kind: dict(MASS) for kind in ("violin", "box", "mean", "strip", "ridgeline")},
    **{kind: dict(SHAPE) for kind in ("scatter", "regression", "hist2d", "hexagon", "line")},
    **{kind: {"x": "species", "y": "island"} for kind in ("clustered", "stacked", "heat")},
    **{kind: {"x": "day", "y": "visits"} for kind in ("time", "seasons", "calendar")},
    "pairs": {"x": ["bill_length_mm", "flipper_length_mm", "body_mass_g"], "color": "species"},
    "correlation": {},
}
SHOWN["density"]["color"] = SHOWN["scatter"]["color"] = "species"
SHOWN["zoom"] = {"x": "income"}
SHOWN["line"] = {"x": "year", "y": "body_mass_g", "color": "species"}


def visits() -> pl.DataFrame:
    """Two years of made-up visits with a season, quieter at weekends."""
    day = np.arange(730)
    random = np.random.default_rng(0)
    weekend = np.isin(day % 7, (5, 6))
    number = 100 + 30 * np.sin(2 * np.pi * day / 365) - 15 * weekend + random.normal(0, 6, 730)
    return pl.DataFrame({"day": np.datetime64("2024-01-01") + day, "visits": number.round(1)})


def incomes() -> dict[str, Any]:
    """Made-up incomes, very skewed."""
    return {"income": (10 ** np.random.default_rng(0).normal(4.3, 0.4, 500)).round()}


def main() -> None:
    """Write all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for kind in CHART_NAMES:
        column = SHOWN[kind].get("x")
        table: Any = visits() if column == "day" else incomes() if column == "income" else "penguins"
        size = (6.4, 2.9) if kind in ("calendar", "zoom") else (5.2, 4.6) if kind == "pairs" else SIZE
        figure = tn.plot(table, kind=kind, figsize=size, **SHOWN[kind])
        write_svg(figure, IMAGES / f"{kind}.svg", alt=f"{kind}: {figure.get_suptitle()}")


if __name__ == "__main__":
    main()
