"""Thresholds of the findings, each with its reason."""

from __future__ import annotations

from typing import Final

__all__: list[str] = []  # read as `thresholds.NAME`

# Significance: one false positive in a thousand tables, divided by the number of tests of a rule (Bonferroni).
ALPHA: Final = 0.001

# Rows that prove a finding.
LISTED_ROWS: Final = 100
EXAMPLE_ROWS: Final = 5

# Amount of data. More rows would only make tests slower.
TESTED_ROWS: Final = 20_000
TESTED_MISSING: Final = 200  # columns with missing values that are tested, most frequent patterns first
TESTED_CATEGORIES: Final = 60  # categories up to which a column is tested against others
TESTED_NUMERIC: Final = 40  # numeric columns tested for Simpson's paradox
TESTED_GROUPS: Final = 20  # categorical columns within which it is tested

# Rows.
MIN_ROWS: Final = 50  # a test set of a fifth has then 10 rows: the 95% CI of an accuracy of 80% is 44 to 97%
ROWS_PER_COLUMN: Final = 10  # rule of thumb: ten observations per parameter
ROWS_TO_TEST: Final = 30  # below it, distributions and associations are not tested
EXPECTED_DUPLICATES: Final = 0.5  # expected duplicates as a fraction of those found

NEAR_DUPLICATE_ROWS: Final = 200_000  # rows up to which near-duplicates are searched for
NEAR_DUPLICATE_COLUMNS: Final = 60
NEARLY_UNIQUE: Final = 0.97  # distinct values per row of a column that is hardly ever equal by chance
NEAR_DUPLICATES_MOST: Final = 0.2  # fraction of rows; more of them are the design of the table

# Missing values.
MISSING: Final = 0.05  # below it, imputation hardly changes a result
MOSTLY_MISSING: Final = 0.5  # above it, most values would be imputed
COMPLETE_ROWS: Final = 0.5  # below it, dropping incomplete rows loses more than half of the table
MISSING_TO_TEST: Final = 10  # missing and known values that a column needs to be tested
MISSING_EFFECT: Final = 0.3  # Somers' D or Cramér's V: a medium effect

# One column.
NEARLY_CONSTANT: Final = 0.99  # the other values are too few to learn from
SCALE_VALUES: Final = 10  # with fewer distinct values, skewness and outliers mean little
SKEW: Final = 2.0  # that of the exponential distribution
OUTLIER_IQRS: Final = 3.0  # Tukey's outer fences: 2 in a million of a normal distribution
OUTLIER_GAP_IQRS: Final = 1.5  # between outliers and the others, so that the end of a tail does not count
MAX_OUTLIER_FRACTION: Final = 0.01  # more of them are part of the distribution
MODE_VALUES: Final = 30  # distinct values that a distribution with several modes needs
MODE_TOP: Final = 0.05  # fraction of the most frequent value, above which it is a part of its own
SENTINEL_MIN_ROWS: Final = 3  # a sentinel value is used repeatedly
ZEROS: Final = 0.3  # fraction of zeros
ZEROS_OVER_NEXT: Final = 4.0  # frequency of zero over that of the next value
RARE_ROWS: Final = 5  # a category with fewer rows is not in a test set of a fifth with probability 0.8⁵ = 0.33
RARE_FROM_ROWS: Final = 100  # in smaller tables all categories are rare
MANY_CATEGORIES: Final = 50  # more than a chart can show
ROWS_PER_CATEGORY: Final = 10  # with fewer, the mean of a category is noise
NUMBERS_AMONG_TEXT: Final = 0.5  # from half on, the column is numeric with exceptions
MISSPELLED_RATIO: Final = 20  # frequency of the correct spelling over that of the misspelling
MISSPELLED_MIN_LETTERS: Final = 6  # short words have correct neighbors: male and mane
MISSPELLED_WORD_LETTERS: Final = 5  # of the word that differs; shorter ones are codes

IMPOSSIBLE: Final = 0.05  # fraction of values outside the limits; more of them mean another quantity
IMPOSSIBLE_MIN_ROWS: Final = 4  # values within the limits

# Pairs.
NEAR_DUPLICATE_CORRELATION: Final = 0.995  # 99% of the variance is shared
ARITHMETIC_COLUMNS: Final = 40  # columns tested for arithmetic; the search grows with their cube
ARITHMETIC_VALUES: Final = 5  # distinct values that a column needs
ARITHMETIC_HOLDS: Final = 0.99  # fraction of rows; the others are errors
ARITHMETIC_ROUNDING: Final = 0.05  # of the standard deviation; coarser rounding proves nothing
REVERSAL_EFFECT: Final = 0.1  # a small effect, overall and within groups
REVERSAL_MIN_SHARE: Final = 2 / 3  # fraction of the groups with the reversed sign
MAX_GROUPS: Final = 12  # categories of a grouping column

# Order of rows.
DRIFT: Final = 0.1  # η² of ten blocks of rows: a medium effect and more
DRIFT_BLOCKS: Final = 10
DRIFT_ROWS: Final = 100  # ten in each block
SORTED: Final = 0.999  # fraction of steps in one direction; a few late entries are allowed

# Target.
LEAK_CLASSES: Final = 0.95  # explained share of the entropy; columns without leakage hardly ever reach it
LEAK_NUMBER: Final = 0.99  # explained share of the variance; physical laws may reach 0.98
LEAK_CORRELATION: Final = 0.99  # of numbers, Pearson or Spearman
LEAK_AGREEMENT: Final = 0.97  # of classes in the order of numbers; petal width and iris species reach 0.9
LEAK_RUNNER_UP_SHARE: Final = 0.5  # a column that explains twice as much as the next has lower thresholds:
LEAK_CATEGORIES_FAR_AHEAD: Final = 0.80  # categories and classes: a copy of balanced classes with 3% errors
LEAK_CLASSES_FAR_AHEAD: Final = 0.90  # numbers and classes: a good measurement reaches 0.8
LEAK_NUMBER_FAR_AHEAD: Final = 0.95  # a number: area explains 0.8 of prices, the larger part of a sum more
RARE_CLASS: Final = 0.10  # below it, a constant prediction has a high accuracy
VERY_RARE_CLASS: Final = 0.01
FEW_IN_CLASS: Final = 10  # rows of a class; fewer cannot be split and scored
NO_INFORMATION_MIN_ROWS: Final = 100  # rows from which "no informative column" is meaningful
