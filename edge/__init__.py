"""A private assistant for a house, on a small computer and without the cloud."""

from typing import Final

__version__: Final = "0.1.0"
