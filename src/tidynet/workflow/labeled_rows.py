"""The rows with a target: the task, the values of the target, and the part of each row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.table.variable_type import TypeInference, VariableType
from tidynet.workflow.events import TableRead
from tidynet.workflow.options import TrainOptions

if TYPE_CHECKING:
    from tidynet.estimators.training_settings import Settings
    from tidynet.preprocessing import Split, SplitSpec
    from tidynet.table import Table

Array = NDArray[Any]

MIN_ROWS = 20
MIN_TRAINING_ROWS = 10
# A target of at most so many distinct numbers may be classes that are written as numbers.
MAX_CLASS_NUMBERS = 10
VALIDATION_SIZE = 1 / 6
GROUPED_BY = "column of the grouped split"


def select_rows_with_target(full_table: Table, options: TrainOptions) -> tuple[Table, str, TableRead]:
    """The rows with a target, without dropped columns; the task; the event for both."""
    from tidynet.preprocessing import exclusion_reasons, infer_task
    from tidynet.table.infer_types import renew_reasons

    if options.target in options.drop:
        raise InputError(f"--drop is the target '{options.target}', expected another column", "remove --drop")
    table = full_table.drop(*options.drop) if options.drop else full_table
    if options.group_column in table.columns:
        # Its values in new rows are new, so the network must not read it.
        name = str(options.group_column)
        table = replace(
            table, inferred_types={**table.inferred_types, name: TypeInference(VariableType.IDENTIFIER, GROUPED_BY)}
        )
    target = table[options.target]
    task = infer_task(target, table.inferred_types[options.target], options.task)
    known = target.is_not_null().to_numpy()
    dropped = int((~known).sum())
    stored = replace(table.take(np.flatnonzero(known)), notes=())
    if dropped:
        group = {options.group_column} if options.group_column else set()
        stored = replace(
            stored, inferred_types=renew_reasons(stored.frame, table.inferred_types, table.height, keep=group)
        )
    if stored.height < MIN_ROWS:
        without = f" with a target ({dropped:,} without)" if dropped else ""
        raise InputError(
            f"the table has {pluralize(stored.height, 'row')}{without}, expected at least {MIN_ROWS}", "add rows"
        )
    features = [name for name in stored.columns if name != options.target]
    if not features:
        without = " after --drop" if options.drop else ""
        raise InputError(
            f"the table has no column except the target '{options.target}'{without}, expected a feature", "add a column"
        )
    excluded = exclusion_reasons(stored.inferred_types, features)
    requested = (f"excluded by --drop: {', '.join(options.drop)}",) if options.drop else ()
    notes = (*full_table.notes, *requested, *_alternative_task(stored, options, task))
    return stored, task, TableRead(stored, options.target, task, excluded, dropped, notes)


def _alternative_task(table: Table, options: TrainOptions, task: str) -> tuple[str, ...]:
    """A note on --task where the target has so few distinct numbers that they may be classes."""
    distinct = table[options.target].n_unique()
    if options.task != "auto" or task != "regression" or distinct > MAX_CLASS_NUMBERS:
        return ()
    classes = "binary" if distinct == 2 else "multiclass"
    return (
        f"the target '{options.target}' has {pluralize(distinct, 'distinct number')} → if they are classes, "
        f"add --task {classes}",
    )


def target_labels(table: Table, target: str, task: str) -> tuple[Array, Array | None]:
    """The values of the target, and the class code of each row."""
    from tidynet.preprocessing import LabelEncoder, target_values
    from tidynet.table import refuse_infinities

    refuse_infinities(table.frame)
    values = target_values(table[target], task)
    return values, None if task == "regression" else LabelEncoder.fit(values).transform(values)


def make_split(
    labels: Array, codes: Array | None, options: TrainOptions, settings: Settings, split_spec: SplitSpec | None = None
) -> Split:
    """The rows of each part; raises where too few are left for training."""
    from tidynet.preprocessing import split_train_test

    # Each network has its own validation fold, or all have one part; in a split by time, the last rows.
    in_time = split_spec is not None and split_spec.order is not None
    validation = VALIDATION_SIZE if settings.early_stopping and (in_time or not settings.validation_folds) else 0.0
    names = () if codes is None else tuple(str(label) for label in np.unique(labels))
    split = split_train_test(len(labels), options.test_size, validation, options.seed, codes, names, split_spec)
    if len(split.training) < MIN_TRAINING_ROWS:
        raise InputError(
            f"--test-size {options.test_size:g} leaves {len(split.training)} of {len(labels)} rows for training, "
            f"expected at least {MIN_TRAINING_ROWS}",
            "give a smaller fraction",
        )
    return split
