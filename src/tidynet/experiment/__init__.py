"""The whole road as one function: read → split → train → test → write; events out.

The command prints the events and the studio draws them; neither knows how the work is done.
"""

from tidynet.experiment.events import (
    CompilationStarted,
    DataSplit,
    EvaluationFinished,
    FilesWritten,
    SectionStarted,
    SettingsResolved,
    TableRead,
    TrainingFinished,
)
from tidynet.experiment.files import package_versions
from tidynet.experiment.kept_out import evaluate_on_test_rows, recover_test_rows
from tidynet.experiment.options import TrainOptions
from tidynet.experiment.road import Experiment, fit_and_evaluate, run
from tidynet.progress.training import EpochEnded

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
