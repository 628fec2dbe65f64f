"""The engine compiled by Numba: forward, backward and update of a whole epoch in one call."""

from tidynet.net.kernels.epoch import gradient_of, loss_of, predict_rows, train_steps
from tidynet.net.kernels.prediction import BLOCK, add_predictions
from tidynet.net.kernels.structures import (
    Data,
    Layout,
    Moments,
    Watch,
    Workspace,
    layout_of,
    moments_for,
    workspace_for,
)
from tidynet.net.kernels.update import Rule

__all__ = [
    "BLOCK",
    "Data",
    "Layout",
    "Moments",
    "Rule",
    "Watch",
    "Workspace",
    "add_predictions",
    "gradient_of",
    "layout_of",
    "loss_of",
    "moments_for",
    "predict_rows",
    "train_steps",
    "workspace_for",
]
