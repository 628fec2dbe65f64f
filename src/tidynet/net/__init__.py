"""Arrays in, a trained network out: the engine. It knows no tables."""

from tidynet.net.activations import ACTIVATIONS, activation
from tidynet.net.data import prepare_data
from tidynet.net.history import EpochRecord, History
from tidynet.net.lbfgs import minimise
from tidynet.net.losses import LOSSES, LossOptions, loss
from tidynet.net.network import Inputs, Network
from tidynet.net.optimizers import OPTIMIZERS, OptimizerOptions, optimizer
from tidynet.net.own_loss import OwnLoss
from tidynet.net.penalties import Penalties
from tidynet.net.plan import Plan
from tidynet.net.range_test import RangeTest, learning_rate_range
from tidynet.net.schedules import SCHEDULES, ScheduleOptions
from tidynet.net.trained import Trained
from tidynet.net.training import train

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "EpochRecord",
    "History",
    "Inputs",
    "LossOptions",
    "Network",
    "OptimizerOptions",
    "OwnLoss",
    "Penalties",
    "Plan",
    "RangeTest",
    "ScheduleOptions",
    "Trained",
    "activation",
    "learning_rate_range",
    "loss",
    "minimise",
    "optimizer",
    "prepare_data",
    "train",
]
