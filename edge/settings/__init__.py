"""Every setting, typed, and the places they live in. May import edge.errors alone.

`edge.settings.model` brings pydantic and is imported only once settings are read.
"""

from edge.settings.loading import Loaded, load
from edge.settings.places import Places, control_sockets, places
from edge.settings.problems import Problem, SettingsError

__all__ = ["Loaded", "Places", "Problem", "SettingsError", "control_sockets", "load", "places"]
