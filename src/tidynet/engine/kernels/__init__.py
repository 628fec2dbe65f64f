"""The engine compiled by Numba: forward, backward and update of a whole epoch in one call."""

from tidynet.engine.kernels.epoch import train_steps
from tidynet.engine.kernels.evaluation import gradient_of, loss_of, predict_rows
from tidynet.engine.kernels.prediction import BLOCK, add_predictions
from tidynet.engine.kernels.structures import (
    Data,
    ParameterLayout,
    StoppingConfig,
    TrainingState,
    Workspace,
    make_parameter_layout,
    make_training_state,
    make_workspace,
)
from tidynet.engine.kernels.update import OptimizerParams

__all__ = [
    "BLOCK",
    "Data",
    "OptimizerParams",
    "ParameterLayout",
    "StoppingConfig",
    "TrainingState",
    "Workspace",
    "add_predictions",
    "gradient_of",
    "loss_of",
    "make_parameter_layout",
    "make_training_state",
    "make_workspace",
    "predict_rows",
    "train_steps",
]
