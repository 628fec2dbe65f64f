"""A table → features and target: what a network learns from, and how to make it again."""

from tidynet.prepare.apart import Apart
from tidynet.prepare.recipe import Features, Recipe, set_aside_reasons
from tidynet.prepare.split import Split, fold_rows, hold_out, split_rows
from tidynet.prepare.target import ClassCoder, NumberCoder, judge_task, target_values

__all__ = [
    "Apart",
    "ClassCoder",
    "Features",
    "NumberCoder",
    "Recipe",
    "Split",
    "fold_rows",
    "hold_out",
    "judge_task",
    "set_aside_reasons",
    "split_rows",
    "target_values",
]
