"""The whole road as one function: read → split → train → test → write; events out.

The command prints the events and the studio draws them; neither knows how the work is done.
"""

from tidynet.experiment.events import (
    Compiling,
    Evaluated,
    FilesWritten,
    PartBegun,
    RowsSplit,
    SettingsChosen,
    TableRead,
    TrainingEnded,
)
from tidynet.experiment.files import package_versions
from tidynet.experiment.kept_out import examine, held_out
from tidynet.experiment.options import Options
from tidynet.experiment.road import Experiment, learn, run
from tidynet.progress.training import EpochEnded

__all__ = [
    "Compiling",
    "EpochEnded",
    "Evaluated",
    "Experiment",
    "FilesWritten",
    "Options",
    "PartBegun",
    "RowsSplit",
    "SettingsChosen",
    "TableRead",
    "TrainingEnded",
    "examine",
    "held_out",
    "learn",
    "package_versions",
    "run",
]
