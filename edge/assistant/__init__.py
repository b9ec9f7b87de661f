"""The one path from an utterance to a reply; may import router, sensors, schedule, llm, devices and settings."""

from edge.assistant.model import Announcement, OnText, Performed, Reply, ReplySource, Source, Utterance

__all__ = ["Announcement", "OnText", "Performed", "Reply", "ReplySource", "Source", "Utterance"]
