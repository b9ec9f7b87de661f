"""Questions about what sensors said: a typed question in, figures out. Words are the assistant's.

`model` and `course` are pure; `answering` asks a `Reader`. May import `edge.sensors.history`, `edge.devices` and
`edge.errors`.
"""

from edge.sensors.questions.model import Answer, Figure, Form, Question, Span, Test, What

__all__ = ["Answer", "Figure", "Form", "Question", "Span", "Test", "What"]
