"""All rules of findings as one table, from which docs/findings.md is generated."""

from __future__ import annotations

from typing import Final

from tidynet.core.text import format_number, format_percent
from tidynet.profiling.findings import arithmetic_rules as arithmetic
from tidynet.profiling.findings import category_rules as categories
from tidynet.profiling.findings import column_rules as columns
from tidynet.profiling.findings import distribution_rules as distributions
from tidynet.profiling.findings import duplicate_rules as duplicates
from tidynet.profiling.findings import impossible_rules as impossible
from tidynet.profiling.findings import missingness_rules as missingness
from tidynet.profiling.findings import pair_rules as pairs
from tidynet.profiling.findings import personal_rules as personal
from tidynet.profiling.findings import row_order_rules as order
from tidynet.profiling.findings import table_rules as table
from tidynet.profiling.findings import target_rules as target
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.rule import FindingRule

RULES: Final[tuple[FindingRule, ...]] = (
    FindingRule(
        "target-leakage",
        "Target leakage",
        f"Categories explain {format_percent(t.LEAK_CLASSES)} of the entropy of a categorical target or "
        f"{format_percent(t.LEAK_NUMBER)} of the variance of a numeric one; or a number has a correlation of "
        f"{t.LEAK_CORRELATION} with a numeric target, or separates its classes (agreement "
        f"{format_percent(t.LEAK_AGREEMENT)}). If no other column explains half as much, "
        f"{format_percent(t.LEAK_CATEGORIES_FAR_AHEAD)} is enough for categories and classes, "
        f"{format_percent(t.LEAK_CLASSES_FAR_AHEAD)} for numbers and classes, and "
        f"{format_percent(t.LEAK_NUMBER_FAR_AHEAD)} of the variance of a number. Or each of the repeated values of a "
        "column has one value of the target.",
        "check whether the value is known before the target; if not, drop the column",
        target.target_leakage,
        basis="tested",
    ),
    FindingRule(
        "target-arithmetic",
        "Target from other columns",
        "The target is the sum, difference, product or quotient of other columns, perhaps with a factor and an offset, "
        f"or modulo a day for times, in {format_percent(t.ARITHMETIC_HOLDS)} of rows or more.",
        "drop one of the columns, or compute the target instead of predicting it",
        arithmetic.target_arithmetic,
    ),
    FindingRule(
        "missingness-predicts-target",
        "Missingness predicts the target",
        "A column is missing, or present, only in rows of one class of the target, with "
        f"p below {t.ALPHA:g} after correction for the number of columns.",
        "check whether it was recorded after the outcome; if so, drop the column",
        missingness.missingness_depends_on_target,
        basis="tested",
    ),
    FindingRule(
        "missing-target",
        "Missing target",
        "The target has missing values.",
        "train and test on the other rows; check whether rows without a target differ",
        target.missing_target,
        basis="all",
    ),
    FindingRule(
        "class-imbalance",
        "Class imbalance",
        "The rarest class of the target has less than a fifth of the rows of balanced classes "
        f"({format_percent(t.RARE_CLASS)} of two classes).",
        "use balanced accuracy or scores per class, and class weights",
        target.class_imbalance,
    ),
    FindingRule(
        "few-rows-in-class",
        "Few rows in a class",
        f"The classes are balanced, and some have fewer than {t.FEW_IN_CLASS} rows.",
        "collect more rows or merge classes; do not rely on the scores of one class",
        target.few_rows_in_class,
    ),
    FindingRule(
        "no-informative-column",
        "No informative column",
        f"In {t.NO_INFORMATION_MIN_ROWS} rows or more, no single column explains the target significantly.",
        "expect low scores; check the target, and add columns that can explain it",
        target.no_informative_column,
        basis="all",
    ),
    FindingRule(
        "untidy-layout",
        "Untidy layout",
        "Values in column names, several variables in one column, total rows, units inside cells: all that "
        "`tidynet tidy` can fix.",
        "tidy the table first, with the verb of `tidynet tidy` that is named",
        table.untidy_layout,
    ),
    FindingRule(
        "mixed-types",
        "Mixed types",
        f"At least {format_percent(t.NUMBERS_AMONG_TEXT)} of the values of a text column are numbers, not all.",
        "replace the text by missing values or numbers, then convert the column to numbers",
        categories.mixed_types,
        "numbers and text in one column: {columns}",
    ),
    FindingRule(
        "sentinel-value",
        "Sentinel value",
        f"A number such as −999 or 9999 is in {t.SENTINEL_MIN_ROWS} rows or more and lies {t.OUTLIER_IQRS:g} "
        "interquartile ranges outside the quartiles of all others (−1 also just below counts).",
        "replace it by a missing value before any statistics",
        distributions.sentinel_values,
        "sentinel values such as −999: {columns}",
    ),
    FindingRule(
        "impossible-values",
        "Impossible values",
        f"At most {format_percent(t.IMPOSSIBLE)} of the values (or one) cannot be what the name says: ages below 0 or "
        "above 120, percentages outside 0 to 100, shares and probabilities outside 0 to 1, latitudes, longitudes, "
        "months, hours and weekdays out of range, negative counts and sizes, years and dates after today. Names are "
        "read in English and other European languages. Negative prices are a hint.",
        "correct them, or replace them by missing values",
        impossible.impossible_values,
        "impossible values: {columns}",
    ),
    FindingRule(
        "infinite-values",
        "Infinite values",
        "A numeric column has infinite values.",
        "check for division by zero; replace them by missing or finite values",
        columns.infinite,
        "infinite values: {columns}",
        basis="all",
    ),
    FindingRule(
        "inconsistent-spelling",
        "Inconsistent spelling",
        "Categories differ only in case, spaces, accents, hyphens or underscores.",
        "map each category to one spelling",
        categories.inconsistent_spelling,
        "categories with several spellings: {columns}",
        basis="all",
    ),
    FindingRule(
        "misspelled-category",
        "Misspelled category",
        f"A category has an edit distance of 1 from another that is {t.MISSPELLED_RATIO} times as frequent; both have "
        f"at least {t.MISSPELLED_MIN_LETTERS} letters and no digits.",
        "check them and correct the misspellings",
        categories.misspelled_categories,
        "possible misspellings: {columns}",
    ),
    FindingRule(
        "personal-data",
        "Personal data",
        "E-mail addresses, telephone numbers, IBANs and credit cards whose check digits are right, IP addresses, "
        "social security numbers, names of people, dates of birth; beside one of them also addresses and postcodes. "
        "Names and values of a column must agree, except where a value proves itself.",
        "remove the column or replace its values before you share the table, a model or a report",
        personal.personal_data,
        "personal data: {columns}",
        is_private=True,
    ),
    FindingRule(
        "duplicate-rows",
        "Duplicate rows",
        "Rows equal an earlier row in every column, and independent columns would give at most "
        f"{format_percent(t.EXPECTED_DUPLICATES)} of them (Poisson test, p below {t.ALPHA:g}).",
        "drop the copies: duplicates in both training and test set inflate scores",
        table.duplicate_rows,
        basis="all",
    ),
    FindingRule(
        "near-duplicate-rows",
        "Near-duplicate rows",
        "Rows equal another row except for case and blanks, or in all columns but one; a column whose values hardly "
        f"repeat is among the equal ones, and independent columns would give at most "
        f"{format_percent(t.EXPECTED_DUPLICATES)} of them (Poisson test, p below {t.ALPHA:g}). In tables of at most "
        f"{t.NEAR_DUPLICATE_ROWS:,} rows.",
        "check whether they are the same observation; if so, keep one of them",
        duplicates.near_duplicate_rows,
        basis="all",
    ),
    FindingRule(
        "too-few-rows",
        "Too few rows",
        f"Fewer than {t.MIN_ROWS} rows, or fewer than {t.ROWS_PER_COLUMN} rows per column.",
        "collect more rows, use fewer columns, or use cross-validation",
        table.few_rows,
        basis="all",
    ),
    FindingRule(
        "missingness-depends-on-column",
        "Missingness depends on a column",
        "Missing values depend on another column: Somers' D or Cramér's V of at least "
        f"{t.MISSING_EFFECT:g}, p below {t.ALPHA:g} after correction for all pairs tested.",
        "add a missing indicator; do not drop these rows",
        missingness.missingness_depends_on_column,
        "missingness depends on other columns: {columns}",
        basis="tested",
    ),
    FindingRule(
        "missing-values",
        "Missing values",
        f"At least {format_percent(t.MISSING)} of a column are missing.",
        "find out why; training imputes them and adds a missing indicator",
        columns.missing,
        "missing values: {columns}",
        ("missing fraction", format_percent),
        basis="all",
    ),
    FindingRule(
        "few-complete-rows",
        "Few complete rows",
        f"Under {format_percent(t.COMPLETE_ROWS)} of rows are complete, because of several columns.",
        "impute instead of dropping rows, or drop the columns with most missing values",
        columns.mostly_incomplete_rows,
    ),
    FindingRule(
        "simpsons-paradox",
        "Simpson's paradox",
        "The rank correlation of two numbers has the opposite sign within the categories of a third column: both at "
        f"least {t.REVERSAL_EFFECT:g} and significant, and the reversed sign in two thirds of the categories.",
        "compare within groups; decide which correlation answers the question",
        pairs.simpsons_paradox,
        "Simpson's paradox among {columns}",
        basis="tested",
    ),
    FindingRule(
        "column-arithmetic",
        "Arithmetic between columns",
        "A column is another one in other units, the sum, difference, product or quotient of two, the sum or mean of "
        "several, perhaps with a factor and an offset, or the difference of two times modulo a day. It holds in "
        f"{format_percent(t.ARITHMETIC_HOLDS)} of rows or more, within the rounding of the columns.",
        "drop one of them: it is redundant",
        arithmetic.column_arithmetic,
    ),
    FindingRule(
        "near-duplicate-columns",
        "Near-duplicate columns",
        f"Two numeric columns have a correlation (Pearson or Spearman) of at least {t.NEAR_DUPLICATE_CORRELATION}, or "
        "the categories of two columns match one to one.",
        "keep one of them: feature importance is split between near-duplicates",
        pairs.near_duplicate_columns,
        "near-duplicates among {columns}",
        basis="tested",
    ),
    FindingRule(
        "numbers-as-text",
        "Numbers stored as text",
        "All values of a text column are numbers.",
        "convert the column to numbers",
        categories.numbers_as_text,
        "numbers stored as text: {columns}",
    ),
    FindingRule(
        "time-ordered-rows",
        "Time-ordered rows",
        "A column of dates or years never decreases from row to row.",
        "to forecast, use the last rows as test set, not random rows",
        order.time_ordered_rows,
    ),
    FindingRule(
        "drift-over-rows",
        "Drift over the rows",
        "The distribution of a column changes over ten blocks of rows: row position explains at least "
        f"{format_percent(t.DRIFT)}, p below {t.ALPHA:g} after correction, and the rows are not sorted.",
        "check what changed during data collection; do not split by position",
        order.drift,
        "distribution changes over the rows: {columns}",
        ("explained share", format_percent),
        basis="tested",
    ),
    FindingRule(
        "sorted-rows",
        "Sorted rows",
        "The values of a column never decrease from row to row, or equal values form one run each.",
        order.SHUFFLE,
        order.sorted_rows,
    ),
    FindingRule(
        "constant-column",
        "Constant column",
        "A column has one value, or none.",
        "drop the column: it carries no information",
        columns.constant,
        "one value or none: {columns}",
        basis="all",
    ),
    FindingRule(
        "outliers",
        "Outliers",
        f"Values beyond {t.OUTLIER_IQRS:g} interquartile ranges from the quartiles and apart from the others, on the "
        f"scale with the least skewness; at most {format_percent(t.MAX_OUTLIER_FRACTION)} of rows.",
        "check for errors of unit or typing; keep correct values",
        distributions.outliers,
        "outliers: {columns}",
        ("most extreme", format_number),
    ),
    FindingRule(
        "high-cardinality",
        "High cardinality",
        f"A categorical column has more than {t.MANY_CATEGORIES} categories.",
        "group them, or use what they stand for (region instead of postcode)",
        categories.high_cardinality,
        "many categories: {columns}",
        ("categories", format_number),
        basis="all",
    ),
    FindingRule(
        "dates-as-text",
        "Dates stored as text",
        "The values of a text column are dates.",
        "none here, they are read as dates; convert them for other tools",
        categories.dates_as_text,
        "dates stored as text: {columns}",
    ),
    FindingRule(
        "identifier-column",
        "Identifier column",
        "The values of a column identify the rows: all or nearly all are different, or the name indicates an "
        "identifier.",
        "training excludes it; join tables by it only if no value repeats",
        columns.identifier,
        "identifiers: {columns}",
        basis="all",
    ),
    FindingRule(
        "several-modes",
        "Several modes",
        "A numeric column has two to four peaks with a valley between them of at most 70% of the lower one, and a test "
        "like Hartigan's dip rejects a single mode (p below 0.001).",
        "look for groups of rows: mean and standard deviation describe none of them",
        distributions.several_modes,
        "several modes: {columns}",
        ("modes", format_number),
    ),
    FindingRule(
        "skewed-distribution",
        "Skewed distribution",
        f"The absolute skewness is above {t.SKEW:g}, and neither outliers nor zeros explain it.",
        "report the median instead of the mean; use a transformed axis where one is named",
        distributions.skew,
        "skewed: {columns}",
        ("skew", format_number),
    ),
    FindingRule(
        "zero-inflation",
        "Zero inflation",
        f"At least {format_percent(t.ZEROS)} of values are zero, {t.ZEROS_OVER_NEXT:g} times as many as any other.",
        "model it in two parts: zero or not, then the amount",
        distributions.zero_inflation,
        "zero inflation: {columns}",
        ("zero fraction", format_percent),
    ),
    FindingRule(
        "near-constant-column",
        "Near-constant column",
        f"One value is in at least {format_percent(t.NEARLY_CONSTANT)} of rows.",
        "drop the column unless the rare values matter",
        columns.nearly_constant,
        "nearly constant: {columns}",
        ("top fraction", format_percent),
    ),
    FindingRule(
        "coded-categories",
        "Coded categories",
        "A column has numbers, and its name indicates categories.",
        "none here, they are treated as categories; do not compute means",
        columns.coded_categories,
        "numeric codes of categories: {columns}",
    ),
    FindingRule(
        "rare-categories",
        "Rare categories",
        f"Categories have fewer than {t.RARE_ROWS} rows, in tables of {t.RARE_FROM_ROWS} rows or more.",
        "merge the rare categories into one",
        categories.rare_categories,
        "rare categories: {columns}",
    ),
)

# A finding on the left explains those on the right about the same column, which are then not shown.
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
    "untidy-layout-labels-written-once-for-several-rows": frozenset(
        {"missing-values", "missingness-depends-on-column"}
    ),
    "constant-column": frozenset(
        {"missing-values", "near-constant-column", "missingness-depends-on-column", "target-leakage"}
    ),
    "target-arithmetic": frozenset({"target-leakage", "near-duplicate-columns"}),
    "column-arithmetic": frozenset({"near-duplicate-columns"}),
    "target-leakage": frozenset({"near-duplicate-columns"}),
    "missingness-predicts-target": frozenset({"missing-values", "missingness-depends-on-column"}),
    "missingness-depends-on-column": frozenset({"missing-values"}),
    "mixed-types": frozenset({"high-cardinality", "rare-categories", "inconsistent-spelling", "misspelled-category"}),
    "numbers-as-text": frozenset({"high-cardinality", "rare-categories"}),
    "near-constant-column": frozenset({"zero-inflation", "skewed-distribution", "outliers", "rare-categories"}),
    "impossible-values": frozenset({"outliers"}),
    "sentinel-value": frozenset({"outliers", "skewed-distribution"}),
    "zero-inflation": frozenset({"outliers", "skewed-distribution"}),
    "inconsistent-spelling": frozenset({"rare-categories"}),
    "misspelled-category": frozenset({"rare-categories"}),
    "high-cardinality": frozenset({"rare-categories"}),
}
