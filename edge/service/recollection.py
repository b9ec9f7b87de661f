"""Answers questions about the past from the house's history."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.sensors.history.history import History
    from edge.sensors.history.reader import Reader
    from edge.sensors.questions import Answer, Question


class Recollection:
    """The assistant's historian."""

    def __init__(self, history: "History", temperature_unit: str) -> None:
        """`temperature_unit`: the home's."""
        self._history = history
        self._temperature_unit = temperature_unit

    async def answer(self, question: "Question", now_s: float) -> "Answer":
        """What is known. Raises `SensorError` where nothing can be read."""
        from edge.sensors.questions.answering import answered

        def look(reader: "Reader") -> "Answer":
            return answered(question, reader, now_s, self._temperature_unit)

        return await self._history.ask(look)
