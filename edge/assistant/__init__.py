"""The one path from an utterance to a reply; may import router, sensors, schedule, llm, devices and settings."""

from edge.assistant.model import OnText, Performed, Reply, ReplySource, Source, Utterance

__all__ = ["OnText", "Performed", "Reply", "ReplySource", "Source", "Utterance"]
