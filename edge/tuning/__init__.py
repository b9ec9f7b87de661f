"""What the machine has, and the model settings that fit it. Imports `edge.models` and `edge.errors`."""

from edge.tuning.bandwidth import Bandwidth, measure_bandwidth
from edge.tuning.hardware import Hardware, probe
from edge.tuning.memory import Prediction, predict
from edge.tuning.plan import Plan, PlanError, fit
from edge.tuning.profiles import Defaults, Profile, recognise, settle
from edge.tuning.setting import LoadMode, Setting
from edge.tuning.storage import Space, StorageSpeed, measure_storage, read_space
from edge.tuning.thermal import Heat, Throttle, read_heat

__all__ = [
    "Bandwidth",
    "Defaults",
    "Hardware",
    "Heat",
    "LoadMode",
    "Plan",
    "PlanError",
    "Prediction",
    "Profile",
    "Setting",
    "Space",
    "StorageSpeed",
    "Throttle",
    "fit",
    "measure_bandwidth",
    "measure_storage",
    "predict",
    "probe",
    "read_heat",
    "read_space",
    "recognise",
    "settle",
]
