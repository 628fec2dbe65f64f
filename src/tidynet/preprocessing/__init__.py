"""A table → features and target of a network, splits of its rows."""

from tidynet.preprocessing.group_time_split import SplitSpec
from tidynet.preprocessing.recipe import EncodedFeatures, Recipe, exclusion_reasons
from tidynet.preprocessing.split import Split, assign_folds, sample_test_rows, split_train_test
from tidynet.preprocessing.target import LabelEncoder, TargetScaler, infer_task, target_values

__all__ = [
    "EncodedFeatures",
    "LabelEncoder",
    "Recipe",
    "Split",
    "SplitSpec",
    "TargetScaler",
    "assign_folds",
    "exclusion_reasons",
    "infer_task",
    "sample_test_rows",
    "split_train_test",
    "target_values",
]
