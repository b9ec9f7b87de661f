"""New functional tokens from a few examples, on the device. May import the router's types, text and network, and below.

`Notebook` is what was taught and is kept, `taught` recognises it in readings, `edge.router.teacher` changes it.
"""

from edge.router.teaching.lessons import PREFIX, Correction, Lesson, Notebook, Order, Publish, TeachingError

__all__ = ["PREFIX", "Correction", "Lesson", "Notebook", "Order", "Publish", "TeachingError"]
