"""How unusual each value of any series is, from its past alone and with one configuration for all.

Several views of the present (its surroundings, its hour, its level, its liveliness, its shape, its range), each
measured by how seldom it has looked so, become one score through a small network that was taught on made-up series.
Pure; may import numpy.
"""

from edge.sensors.scoring.scorer import Scorer

__all__ = ["Scorer"]
