"""The whole way as one function: read → split → train → test → write, with events.

The command prints the events and the studio draws them; neither knows how the work is done. Names are imported when
they are first used, so that the command's help needs no array library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidynet.estimators.training_progress import EpochEnded
    from tidynet.workflow.evaluate import evaluate_on_test_rows, recover_test_rows
    from tidynet.workflow.events import (
        CompilationStarted,
        DataSplit,
        EvaluationFinished,
        Event,
        FilesWritten,
        SectionStarted,
        SettingsResolved,
        TableRead,
        TrainingFinished,
    )
    from tidynet.workflow.options import TrainOptions
    from tidynet.workflow.output_files import package_versions
    from tidynet.workflow.train import Experiment, fit_and_evaluate, run

__all__ = [
    "CompilationStarted",
    "DataSplit",
    "EpochEnded",
    "EvaluationFinished",
    "Event",
    "Experiment",
    "FilesWritten",
    "SectionStarted",
    "SettingsResolved",
    "TableRead",
    "TrainOptions",
    "TrainingFinished",
    "evaluate_on_test_rows",
    "fit_and_evaluate",
    "package_versions",
    "recover_test_rows",
    "run",
]

_MODULES = {
    "options": ("TrainOptions",),
    "output_files": ("package_versions",),
    "evaluate": ("evaluate_on_test_rows", "recover_test_rows"),
    "train": ("Experiment", "fit_and_evaluate", "run"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'tidynet.workflow' has no attribute '{name}'")
    module = next((module for module, names in _MODULES.items() if name in names), "events")
    return getattr(import_module(f"tidynet.workflow.{module}"), name)
