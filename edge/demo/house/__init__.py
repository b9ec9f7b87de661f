"""A simulated house that speaks MQTT as real devices do; run it with `python -m edge.demo.house`.

It stands for the outside world: it may import the standard library and aiomqtt, and nothing else of `edge`.
`House` is pure: messages and the time go in, messages come out; `edge.demo.house.radio` does the talking.
"""

from edge.demo.house.house import House
from edge.demo.house.thing import Message, Radio

__all__ = ["House", "Message", "Radio"]
