"""What the schedule says by itself when something comes due; pure."""

from edge.schedule.model import Entry, EventKind, Kind


def event_text(kind: EventKind, entry: Entry, late_s: float) -> str:
    """What a room is told: short, and with how late it is where that matters."""
    match kind:
        case EventKind.TIMER_FINISHED:
            late = f" It was due {span(late_s)} ago." if late_s >= 60 else ""
            return f"{capital(title(entry))} has finished.{late}"
        case EventKind.ALARM_RINGING:
            return f"{capital(title(entry))} is ringing."
        case EventKind.ALARM_MISSED:
            return f"{capital(title(entry))} did not ring in time: it was due {span(late_s)} ago."
        case EventKind.REMINDER_DUE:
            late = f" This was due {span(late_s)} ago." if late_s >= 60 else ""
            return f"Reminder: {entry.label}.{late}"
        case EventKind.CALL_MISSED:
            return f"I left out {entry.label or 'what you asked for'}: it was due {span(late_s)} ago."
        case EventKind.CALL_DUE | EventKind.RINGING_ENDED:
            return ""


def title(entry: Entry) -> str:
    """An entry as people refer to it: "the pizza timer", "your 10 minute timer", "the alarm"."""
    kind = "call" if entry.kind is Kind.CALL else entry.kind.value
    if entry.kind is Kind.REMINDER:
        return f"the reminder “{entry.label}”"
    if entry.label:
        label = entry.label[: -len(kind) - 1] if entry.label.lower().endswith(f" {kind}") else entry.label
        return f"the {label} {kind}"
    if entry.kind is Kind.TIMER:
        return f"the {adjective(entry.length_s)} timer"
    return f"the {kind}"


def adjective(seconds: float) -> str:
    """A length before a noun: "10 minute", "1 hour 30 minute"."""
    return " ".join(f"{amount} {unit}" for amount, unit in _parts(seconds)) or "0 second"


def span(seconds: float) -> str:
    """A length of time in its two largest units: "1 hour and 5 minutes", "10 seconds"."""
    parts = [f"{amount} {unit}{'' if amount == 1 else 's'}" for amount, unit in _parts(seconds)]
    return " and ".join(parts) or "0 seconds"


def capital(text: str) -> str:
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]


def _parts(seconds: float) -> list[tuple[int, str]]:
    whole = max(0, round(seconds))
    parts = []
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        amount, whole = divmod(whole, size)
        if amount:
            parts.append((amount, unit))
    return parts[:2]
