"""Arrays in, a trained network out: the engine. It knows no tables."""

from tidynet.net.activations import ACTIVATIONS, activation
from tidynet.net.data import prepare_data
from tidynet.net.history import EpochRecord, History
from tidynet.net.lbfgs import minimise
from tidynet.net.losses import LOSSES, LossOptions, loss
from tidynet.net.network import Inputs, Network
from tidynet.net.optimizers import OPTIMIZERS, OptimizerOptions, optimizer
from tidynet.net.own_loss import CustomLoss
from tidynet.net.penalties import Penalties
from tidynet.net.plan import TrainingConfig
from tidynet.net.range_test import LearningRateRangeTest, learning_rate_range
from tidynet.net.schedules import SCHEDULES, ScheduleOptions
from tidynet.net.trained import TrainingResult
from tidynet.net.training import train

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "CustomLoss",
    "EpochRecord",
    "History",
    "Inputs",
    "LearningRateRangeTest",
    "LossOptions",
    "Network",
    "OptimizerOptions",
    "Penalties",
    "ScheduleOptions",
    "TrainingConfig",
    "TrainingResult",
    "activation",
    "learning_rate_range",
    "loss",
    "minimise",
    "optimizer",
    "prepare_data",
    "train",
]
