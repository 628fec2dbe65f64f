"""Arrays in, a trained network out: the engine. It knows no tables."""

from tidynet.engine.activations import ACTIVATIONS, activation
from tidynet.engine.custom_loss import CustomLoss
from tidynet.engine.data import prepare_data
from tidynet.engine.history import EpochRecord, History, TrainingResult
from tidynet.engine.lbfgs import minimize_lbfgs
from tidynet.engine.learning_rate_range_test import LearningRateRangeTest, learning_rate_range
from tidynet.engine.learning_rate_schedules import SCHEDULES, ScheduleOptions
from tidynet.engine.losses import LOSSES, LossOptions, loss
from tidynet.engine.network import Inputs, Network
from tidynet.engine.optimizers import OPTIMIZERS, OptimizerOptions, optimizer
from tidynet.engine.regularization import Penalties
from tidynet.engine.stop_reason import Divergence, StopReason, TrainingStop
from tidynet.engine.train_network import train
from tidynet.engine.training_config import TrainingConfig

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "CustomLoss",
    "Divergence",
    "EpochRecord",
    "History",
    "Inputs",
    "LearningRateRangeTest",
    "LossOptions",
    "Network",
    "OptimizerOptions",
    "Penalties",
    "ScheduleOptions",
    "StopReason",
    "TrainingConfig",
    "TrainingResult",
    "TrainingStop",
    "activation",
    "learning_rate_range",
    "loss",
    "minimize_lbfgs",
    "optimizer",
    "prepare_data",
    "train",
]
