"""The page on charts: its code runs and prints what it should, every chart is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tidynet.plot.chart_registry import CHART_NAMES

PAGE = Path(__file__).parents[2] / "docs" / "charts.md"


def test_the_python_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    exec(compile("\n".join(blocks), "charts.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "body_mass_g rises with flipper_length_mm (r = 0.87)",
        "violin: `species` is nominal with 3 categories, `body_mass_g` is discrete with skewness 0.5; the distribution of each category",
        "histogram with a log axis: `income` is continuous with skewness 2.3; rows per bin",
        "; did you mean 'violin'?",
        "[71, 153, 118]",
        "plot has no option 'jiter'; did you mean 'jitter'?",
        "['Gentoo', 'Adelie']",
        "3",
        "histogram: `x` is continuous with skewness 1.1; rows per bin",
        "day",
        "6 missing: bill_length_mm 2, bill_depth_mm 2, sex 11",
        "highest median in ‘no’ (50), lowest in ‘yes’ (30)",
    ]
    assert (tmp_path / "penguins.png").exists()


def test_every_chart_has_its_picture_on_the_page() -> None:
    shown = re.findall(r"\| `(\w+)` \|.*?src=\"images/charts/(\w+)\.svg\"", PAGE.read_text("utf-8"))
    assert {kind for kind, figure in shown if kind == figure} == set(CHART_NAMES)
    assert all((PAGE.parent / "images" / "charts" / f"{kind}.svg").exists() for kind in CHART_NAMES)
