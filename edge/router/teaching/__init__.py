"""New functional tokens from a few examples, on the device. May import the router's types, text and network, and below.

`Notebook` is what was taught and is kept, `Taught` recognises it in a reading; `edge.router.teacher` changes it.
"""

from edge.router.teaching.lessons import PREFIX, Correction, Lesson, Notebook, Order, Publish, TeachingError
from edge.router.teaching.taught import Recognised, Taught

__all__ = [
    "PREFIX",
    "Correction",
    "Lesson",
    "Notebook",
    "Order",
    "Publish",
    "Recognised",
    "Taught",
    "TeachingError",
]
