"""Correlations and p-values against SciPy."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from tidynet.profiling.hypothesis_tests import (
    chi2_p_value,
    chi2_test,
    mann_whitney_test,
    pearson_correlation,
    spearman_correlation,
    t_p_value,
)

random = np.random.default_rng(0)
FEW_VALUES = (random.integers(0, 9, 200).astype(float), random.integers(1, 11, 200).astype(float))
PLAIN = (random.normal(size=50), random.normal(size=50) + 0.5)


@pytest.mark.parametrize(("x", "y"), [FEW_VALUES, PLAIN])
def test_they_equal_scipy(x: np.ndarray, y: np.ndarray) -> None:
    share, chance = mann_whitney_test(x, y)
    theirs = stats.mannwhitneyu(x, y, alternative="two-sided", method="asymptotic")
    assert share == pytest.approx(theirs.statistic / (len(x) * len(y)))
    assert chance == pytest.approx(theirs.pvalue)
    assert spearman_correlation(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert pearson_correlation(x, y) == pytest.approx(stats.pearsonr(x, y).statistic)


def test_p_values_of_tables_equal_scipy() -> None:
    table = random.integers(1, 50, (3, 4))
    assert chi2_test(table) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert chi2_p_value(9.0, 3) == pytest.approx(stats.chi2.sf(9, 3))
    assert t_p_value(-2.3, 11) == pytest.approx(2 * stats.t.sf(2.3, 11))


def test_constants_have_no_correlation() -> None:
    assert pearson_correlation(np.ones(9), np.arange(9.0)) == spearman_correlation(np.ones(9), np.arange(9.0)) == 0.0
    assert mann_whitney_test(np.ones(4), np.ones(5)) == (0.5, 1.0)


def test_exploring_a_table_imports_no_slow_package() -> None:
    code = "import sys, tidynet as tn; tn.explore('penguins', target='species').to_html()"
    code += "; print(sorted({'scipy.stats', 'pandas', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
