"""The whole road as one function: read → split → train → test → write; events out.

The command prints the events and the studio draws them; neither knows how the work is done.
"""

from tidynet.estimators.training_progress import EpochEnded
from tidynet.workflow.events import (
    CompilationStarted,
    DataSplit,
    EvaluationFinished,
    FilesWritten,
    SectionStarted,
    SettingsResolved,
    TableRead,
    TrainingFinished,
)
from tidynet.workflow.options import TrainOptions
from tidynet.workflow.output_files import package_versions
from tidynet.workflow.select_test_rows import evaluate_on_test_rows, recover_test_rows
from tidynet.workflow.train import Experiment, fit_and_evaluate, run

__all__ = [
    "CompilationStarted",
    "DataSplit",
    "EpochEnded",
    "EvaluationFinished",
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
