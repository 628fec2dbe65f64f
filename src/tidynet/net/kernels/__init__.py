"""The engine compiled by Numba: forward, backward and update of a whole epoch in one call."""

from tidynet.net.kernels.epoch import gradient_of, loss_of, predict_rows, train_steps
from tidynet.net.kernels.prediction import BLOCK, add_predictions
from tidynet.net.kernels.structures import (
    Data,
    ParameterLayout,
    StoppingConfig,
    TrainingState,
    Workspace,
    make_parameter_layout,
    make_training_state,
    make_workspace,
)
from tidynet.net.kernels.update import OptimizerParams

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
