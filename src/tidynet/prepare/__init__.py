"""A table → features and target: what a network learns from, and how to make it again."""

from tidynet.prepare.apart import SplitSpec
from tidynet.prepare.recipe import EncodedFeatures, Recipe, exclusion_reasons
from tidynet.prepare.split import Split, assign_folds, sample_test_rows, split_train_test
from tidynet.prepare.target import LabelEncoder, TargetScaler, infer_task, target_values

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
