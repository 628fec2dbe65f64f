"""From where on something deserves attention: every threshold of the findings, each with its reason."""

from __future__ import annotations

from typing import Final

__all__: list[str] = []  # read as `thresholds.NAME`

# How sure. A false alarm in a thousand tables, shared among all that a rule looks at (Bonferroni).
ALPHA: Final = 0.001

# How much is looked at. Tests gain nothing that matters above this many rows; they would only grow slow.
TESTED_ROWS: Final = 20_000
TESTED_MISSING: Final = 200  # columns with missing values whose companions are looked for, fullest patterns first
TESTED_LEVELS: Final = 60  # levels up to which a qualitative variable is tested against others
TESTED_PAIRED: Final = 40  # quantitative columns among which associations that turn round are looked for
TESTED_GROUPS: Final = 20  # qualitative columns within whose levels they are looked for

# Rows.
MIN_ROWS: Final = 50  # a test set of a fifth has then 10 rows: a score of 80% means 44 to 97%
ROWS_PER_COLUMN: Final = 10  # the old rule of ten observations for each thing to be estimated
ROWS_TO_JUDGE: Final = 30  # below it, shapes and associations are left to the eye
DUPLICATES_BY_CHANCE: Final = 0.5  # duplicates that chance alone would make, as a share of those found

# Missing values.
MISSING: Final = 0.05  # below a twentieth, how gaps are filled hardly changes a result
MUCH_MISSING: Final = 0.5  # above it, most of what is filled in would be invented
COMPLETE_ROWS: Final = 0.5  # dropping rows with gaps would lose more than half of the table
MISSING_TO_TEST: Final = 10  # gaps, and values, that a column needs before they are compared
MISSING_EFFECT: Final = 0.3  # Somers' D or Cramér's V: a medium effect

# One column.
NEARLY_CONSTANT: Final = 0.99  # the other values are too few to learn from or to see
SCALE_VALUES: Final = 10  # fewer different values are steps: skew and outliers of 0, 1, 2, 3 mean little
SKEW: Final = 2.0  # the exponential's: beyond it the mean says little and a linear axis shows one bar
OUTLIER_IQRS: Final = 3.0  # Tukey's outer fences: 2 in a million of a normal
OUTLIER_GAP_IQRS: Final = 1.5  # and apart from the bulk, so that the end of a tail is no alarm
OUTLIERS_SHARE: Final = 0.01  # more than a hundredth is a part of the distribution
SENTINEL_MIN_ROWS: Final = 3  # a number that stands for "missing" comes again
ZEROS: Final = 0.3  # share of zeros that makes a distribution two things in one
ZEROS_OVER_NEXT: Final = 4.0  # times as frequent as the next frequent value
RARE_ROWS: Final = 5  # a level with fewer rows may be missing from the test set: 0.8⁵ = a third
RARE_FROM_ROWS: Final = 100  # in smaller tables all levels are rare
MANY_LEVELS: Final = 50  # more than a chart or an eye can hold
ROWS_PER_LEVEL: Final = 10  # with fewer, a level's own mean is noise
NUMBERS_AMONG_WORDS: Final = 0.5  # from half on, the words are the strangers
MISSPELLED_RATIO: Final = 20  # times rarer than its neighbour
MISSPELLED_MIN_LETTERS: Final = 6  # short words have true neighbours: male and mane

# Pairs.
NEAR_DUPLICATE_CORRELATION: Final = 0.995  # correlation; 99% of the variance is shared
REVERSAL_EFFECT: Final = 0.1  # a small effect, asked of the association overall and within
REVERSAL_MIN_SHARE: Final = 2 / 3  # share of the levels that show it
MOST_GROUP_LEVELS: Final = 12  # groups that are few enough to be told apart

# Order of rows.
DRIFT: Final = 0.1  # η² of ten blocks of rows: a medium effect and more
DRIFT_BLOCKS: Final = 10
DRIFT_ROWS: Final = 100  # ten in each block
SORTED: Final = 0.999  # steps that do not go back; a few late entries are allowed

# Target.
LEAK_CLASSES: Final = 0.95  # share of the entropy that levels remove: what honest columns hardly ever reach
LEAK_NUMBER: Final = 0.99  # share of the variance that levels remove: physics may reach .98
LEAK_CORRELATION: Final = 0.99  # of numbers, on a line or by rank
LEAK_AGREEMENT: Final = 0.97  # of classes in the order of numbers; petal width and iris reach .9
LEAK_RUNNER_UP_SHARE: Final = (
    0.5  # a column whose next tells less than this share of what it tells is asked about earlier:
)
LEAK_LEVELS_FAR_AHEAD: Final = 0.80  # levels, of classes: a copy of even classes with three errors in a hundred
LEAK_CLASSES_FAR_AHEAD: Final = 0.90  # numbers, of classes: a good measurement reaches .8
LEAK_NUMBER_FAR_AHEAD: Final = 0.95  # of a number: area tells four fifths of prices, and more of a sum's larger part
RARE_CLASS: Final = 0.10  # below it, accuracy rewards a model that never says this class
VERY_RARE_CLASS: Final = 0.01
FEW_IN_CLASS: Final = 10  # rows of a class; fewer cannot be split and scored
NO_INFORMATION_MIN_ROWS: Final = 100  # rows before "no column tells anything" means something
