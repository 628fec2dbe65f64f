"""The rules: a table to read. The page docs/findings.md is made from it."""

from __future__ import annotations

from typing import Final

from tidynet.core.text import format_number, format_percent
from tidynet.profiling.findings import category_rules as levels
from tidynet.profiling.findings import column_rules as columns
from tidynet.profiling.findings import distribution_rules as shapes
from tidynet.profiling.findings import missingness_rules as missingness
from tidynet.profiling.findings import pair_rules as pairs
from tidynet.profiling.findings import row_order_rules as order
from tidynet.profiling.findings import table_rules as rows
from tidynet.profiling.findings import target_rules as target
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.rule import FindingRule

__all__ = ["OVERRULED", "RULES"]

RULES: Final[tuple[FindingRule, ...]] = (
    FindingRule(
        "target-leakage",
        "A column tells the target",
        f"The levels of one column remove {format_percent(t.LEAK_CLASSES)} of the uncertainty about the target's classes, "
        f"or {format_percent(t.LEAK_NUMBER)} of the variance of a number; or a number correlates with a target that is one by "
        f"{t.LEAK_CORRELATION} or more, or sorts its classes apart ({format_percent(t.LEAK_AGREEMENT)}). Where no other "
        f"column tells half as much, {format_percent(t.LEAK_LEVELS_FAR_AHEAD)} is enough for levels that tell classes, "
        f"{format_percent(t.LEAK_CLASSES_FAR_AHEAD)} for numbers that tell classes, and {format_percent(t.LEAK_NUMBER_FAR_AHEAD)} of "
        "the variance of a number.",
        "Ask whether its value is known before the target is; if not, leave it out, or the model learns to copy.",
        target.target_leakage,
    ),
    FindingRule(
        "missingness-predicts-target",
        "Gaps tell the target",
        "A column is missing, or known, for one class of the target alone, more often than chance allows.",
        "Find out whether it was filled in after the outcome; if so, leave it out.",
        missingness.missingness_depends_on_target,
    ),
    FindingRule(
        "missing-target",
        "Rows without a target",
        "The target has missing values.",
        "Learn and test on the rows that have it, and ask whether those without it differ.",
        target.missing_target,
    ),
    FindingRule(
        "class-imbalance",
        "A rare class",
        f"The rarest class of the target has under a fifth of an equal share ({format_percent(t.RARE_CLASS)} of two classes).",
        "Judge by balanced accuracy or the scores of each class, not by accuracy; weigh the classes when learning.",
        target.class_imbalance,
    ),
    FindingRule(
        "few-rows-in-class",
        "Classes of few rows",
        f"The classes are even enough, and some of them have under {t.FEW_IN_CLASS} rows.",
        "Collect more rows of each, or join classes; do not read much into the scores of a single class.",
        target.few_rows_in_class,
    ),
    FindingRule(
        "no-informative-column",
        "Nothing tells the target",
        f"With {t.NO_INFORMATION_MIN_ROWS} rows or more, no column alone removes any uncertainty about the target.",
        "Expect little, check that the target belongs to these rows, and look for columns that should know.",
        target.no_informative_column,
    ),
    FindingRule(
        "untidy-layout",
        "Not tidy",
        "Values stand as column names, several variables share a column, totals stand among the rows, units inside "
        "the cells: whatever `tidynet tidy` can mend.",
        "Bring it to one variable per column and one observation per row first.",
        rows.untidy_layout,
    ),
    FindingRule(
        "mixed-types",
        "Numbers and words in one column",
        f"At least {format_percent(t.NUMBERS_AMONG_WORDS)} of the values of a text column are numbers and the others are not.",
        "Replace the words by missing values or by numbers, so that the column can be read as numbers.",
        levels.mixed_types,
        "{count} columns hold both numbers and words: {columns}",
    ),
    FindingRule(
        "sentinel-value",
        "A number that stands for missing",
        f"A number such as −999 or 9999 comes {t.SENTINEL_MIN_ROWS} times or more and lies {t.OUTLIER_IQRS:g} "
        "interquartile ranges outside the quartiles of all others (−1 also just below whole numbers).",
        "Turn it into a missing value before anything is computed from the column.",
        shapes.sentinel_values,
        "{count} columns use a number such as −999 where the value is missing: {columns}",
    ),
    FindingRule(
        "infinite-values",
        "Infinite values",
        "A column of numbers holds infinities.",
        "Look for a division by zero, and turn them into missing values or large finite ones.",
        columns.infinite,
        "{count} columns hold infinite values: {columns}",
    ),
    FindingRule(
        "inconsistent-spelling",
        "One level, several spellings",
        "Levels differ only in capitals, spaces, accents, hyphens or underscores.",
        "Bring them to one spelling, or they count as different things.",
        levels.inconsistent_spelling,
        "{count} columns spell the same level in different ways: {columns}",
    ),
    FindingRule(
        "misspelled-category",
        "Misspelt levels",
        f"A level is one letter away from another that is {t.MISSPELLED_RATIO} times as frequent; both have at least "
        f"{t.MISSPELLED_MIN_LETTERS} letters and no digits.",
        "Check them and bring those that are mistakes to the right spelling.",
        levels.misspelled_categories,
        "{count} columns may hold misspellings: {columns}",
    ),
    FindingRule(
        "duplicate-rows",
        "Repeated rows",
        f"Rows equal an earlier row in every column, and chance would make fewer than "
        f"{format_percent(t.DUPLICATES_BY_CHANCE)} of them, and as many in fewer than one of {1 / t.ALPHA:,.0f} tables "
        "(Poisson).",
        "If they are copies, drop them: in training and test set at once they make a score too good.",
        rows.duplicate_rows,
    ),
    FindingRule(
        "too-few-rows",
        "Few rows",
        f"Under {t.MIN_ROWS} rows, or under {t.ROWS_PER_COLUMN} rows for each column to learn from.",
        "Collect more, use fewer columns, and judge by cross-validation with its interval.",
        rows.few_rows,
    ),
    FindingRule(
        "missingness-depends-on-column",
        "Not missing at random",
        f"A column's gaps go with another column: Somers' D or Cramér's V of at least {t.MISSING_EFFECT:g}, with "
        f"p under {t.ALPHA:g} after correction for all pairs tested.",
        "Dropping these rows would skew the table. Keep whether the value is known as a column, and ask why.",
        missingness.missingness_depends_on_column,
        "The gaps of {count} columns go with the values of other columns: {columns}",
    ),
    FindingRule(
        "missing-values",
        "Missing values",
        f"At least {format_percent(t.MISSING)} of a column are missing.",
        "Find out why they are missing; learning fills them in and keeps a column that says so.",
        columns.missing,
        "{count} columns have many missing values: {columns}",
        ("share", format_percent),
    ),
    FindingRule(
        "few-complete-rows",
        "Few complete rows",
        f"Under {format_percent(t.COMPLETE_ROWS)} of the rows are without a gap, spread over several columns.",
        "Do not drop rows with gaps; fill them in, or leave out the columns with most gaps.",
        columns.mostly_incomplete_rows,
    ),
    FindingRule(
        "simpsons-paradox",
        "An association turns round within groups",
        f"Two numbers go together one way overall and the other way within the levels of a third column "
        f"(Simpson's paradox): both correlations of ranks at least {t.REVERSAL_EFFECT:g} and surely not 0, and so in two thirds "
        "of the levels.",
        "Look at the groups apart, and say which of the two answers your question.",
        pairs.simpsons_paradox,
        "{count} associations turn round within groups, among {columns}",
    ),
    FindingRule(
        "near-duplicate-columns",
        "Columns that say the same",
        f"Two columns of numbers correlate (on a line or by rank) with at least {t.NEAR_DUPLICATE_CORRELATION}, or the levels of two "
        "columns go one to one.",
        "Keep one of them; importances and weights are shared between copies at random.",
        pairs.near_duplicate_columns,
        "{count} groups of columns say the same, among {columns}",
    ),
    FindingRule(
        "numbers-as-text",
        "Numbers stored as text",
        "All values of a text column are numbers.",
        "Read the column as numbers.",
        levels.numbers_as_text,
        "{count} columns hold numbers that are stored as text: {columns}",
    ),
    FindingRule(
        "time-ordered-rows",
        "Rows in time order",
        "A column of dates or years never goes back from row to row.",
        "To predict what comes, test on the last rows, not on rows drawn at random.",
        order.time_ordered_rows,
    ),
    FindingRule(
        "drift-over-rows",
        "Values change along the rows",
        f"The tenth of the table in which a row stands explains at least {format_percent(t.DRIFT)} of a column, with "
        f"p under {t.ALPHA:g} after correction, and the table is not sorted by another column.",
        "Ask what changed while the rows were collected; train and test sets drawn by position would differ.",
        order.drift,
        "{count} columns change along the rows: {columns}",
        ("share explained", format_percent),
    ),
    FindingRule(
        "sorted-rows",
        "Sorted rows",
        "A column's values never go back from row to row, or equal values stand together in one run each.",
        order.SHUFFLE,
        order.sorted_rows,
    ),
    FindingRule(
        "constant-column",
        "Constant columns",
        "A column has one value, or none.",
        "Leave it out: it tells nothing.",
        columns.constant,
        "{count} columns hold one value or none: {columns}",
    ),
    FindingRule(
        "outliers",
        "Values far from all others",
        f"Values beyond {t.OUTLIER_IQRS:g} interquartile ranges from the quartiles and apart from the rest, "
        f"on a log axis where that suits; at most {format_percent(t.OUTLIERS_SHARE)} of the rows.",
        "Check whether they are mistakes of unit or typing; keep them if they are true.",
        shapes.outliers,
        "{count} columns hold a few values far from all others: {columns}",
        ("most extreme", format_number),
    ),
    FindingRule(
        "high-cardinality",
        "Many levels",
        f"A column of levels has more than {t.MANY_LEVELS}.",
        "Group the levels, or use what they stand for (a region for a postcode); charts show the most frequent.",
        levels.high_cardinality,
        "{count} columns have many levels: {columns}",
        ("levels", format_number),
    ),
    FindingRule(
        "dates-as-text",
        "Dates stored as text",
        "The values of a text column are dates.",
        "Nothing need be done here: they are read as dates; in other tools turn them into dates first.",
        levels.dates_as_text,
        "{count} columns hold dates that are stored as text: {columns}",
    ),
    FindingRule(
        "identifier-column",
        "Identifiers",
        "A column's values name the rows: all different, or so called.",
        "Use it to find rows again or to join tables; learning leaves it out.",
        columns.identifier,
        "{count} columns name the rows and do not describe them: {columns}",
    ),
    FindingRule(
        "skewed-distribution",
        "Skewed numbers",
        f"The skewness is above {t.SKEW:g} in size and is not the work of a few outliers or of many zeros.",
        "Look at it on a transformed axis; report medians rather than means.",
        shapes.skew,
        "{count} columns are skewed: {columns}",
        ("skew", format_number),
    ),
    FindingRule(
        "zero-inflation",
        "Many zeros",
        f"At least {format_percent(t.ZEROS)} of a column are zero, {t.ZEROS_OVER_NEXT:g} times as many as any other value.",
        "Treat it as two questions: whether it is zero, and how much it is if not.",
        shapes.zero_inflation,
        "{count} columns are mostly zero and spread otherwise: {columns}",
        ("share of zeros", format_percent),
    ),
    FindingRule(
        "near-constant-column",
        "Nearly constant columns",
        f"One value takes at least {format_percent(t.NEARLY_CONSTANT)} of a column.",
        "Leave it out unless the few other rows are what you look for.",
        columns.nearly_constant,
        "{count} columns have the same value in nearly every row: {columns}",
        ("share", format_percent),
    ),
    FindingRule(
        "coded-categories",
        "Numbers that are codes",
        "A column holds numbers, and its name says that they name things.",
        "They are treated as levels here; do not compute means of them.",
        columns.coded_categories,
        "The numbers in {count} columns are codes, not amounts: {columns}",
    ),
    FindingRule(
        "rare-categories",
        "Rare levels",
        f"Levels have fewer than {t.RARE_ROWS} rows, in tables of {t.RARE_FROM_ROWS} rows or more.",
        "Put them together as one level, or expect nothing to be learnt about them.",
        levels.rare_categories,
        "{count} columns have levels with very few rows: {columns}",
    ),
)

# A finding on the left says more about a column than those on the right, which are then left out.
OVERRULED: Final[dict[str, frozenset[str]]] = {
    "untidy-layout": frozenset(
        {
            "mixed-types",
            "high-cardinality",
            "rare-categories",
            "identifier-column",
            "numbers-as-text",
            "skewed-distribution",
        }
    ),
    "untidy-layout-values-as-column-names": frozenset(
        {
            "missing-values",
            "missingness-depends-on-column",
            "near-duplicate-columns",
            "constant-column",
            "drift-over-rows",
            "outliers",
            "zero-inflation",
            "near-constant-column",
        }
    ),
    "constant-column": frozenset(
        {"missing-values", "near-constant-column", "missingness-depends-on-column", "target-leakage"}
    ),
    "target-leakage": frozenset({"near-duplicate-columns"}),
    "missingness-predicts-target": frozenset({"missing-values", "missingness-depends-on-column"}),
    "missingness-depends-on-column": frozenset({"missing-values"}),
    "mixed-types": frozenset({"high-cardinality", "rare-categories", "inconsistent-spelling", "misspelled-category"}),
    "numbers-as-text": frozenset({"high-cardinality", "rare-categories"}),
    "near-constant-column": frozenset({"zero-inflation", "skewed-distribution", "outliers", "rare-categories"}),
    "sentinel-value": frozenset({"outliers", "skewed-distribution"}),
    "zero-inflation": frozenset({"outliers", "skewed-distribution"}),
    "inconsistent-spelling": frozenset({"rare-categories"}),
    "misspelled-category": frozenset({"rare-categories"}),
    "high-cardinality": frozenset({"rare-categories"}),
}
