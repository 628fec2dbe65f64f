"""Table → Profile: columns, pairs, target and findings as plain data. Draws nothing."""

from tidynet.profiling.compare import TableComparison, compare_tables
from tidynet.profiling.counts import Bars, Histogram, count_column
from tidynet.profiling.distribution_shift import DistributionShift
from tidynet.profiling.pair_counts import count_pair
from tidynet.profiling.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetAssociation
from tidynet.profiling.profile_table import profile_table

__all__ = [
    "Bars",
    "ColumnProfile",
    "DistributionShift",
    "Finding",
    "Histogram",
    "PairCounts",
    "PairProfile",
    "Profile",
    "TableComparison",
    "TargetAssociation",
    "compare_tables",
    "count_column",
    "count_pair",
    "profile_table",
]
