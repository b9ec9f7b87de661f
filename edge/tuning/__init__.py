"""What the machine has, and the model settings that fit it. Imports `edge.models` and `edge.errors`."""

from edge.tuning.hardware import Hardware, probe
from edge.tuning.memory import Prediction, predict
from edge.tuning.plan import LoadMode, Plan, PlanError, fit

__all__ = ["Hardware", "LoadMode", "Plan", "PlanError", "Prediction", "fit", "predict", "probe"]
