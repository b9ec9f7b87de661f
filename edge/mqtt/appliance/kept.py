"""What we have left with a broker, kept so that it can be taken back: by a later version, or once switched off."""

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edge.files import replace_file
from edge.mqtt.subscriptions import is_valid_topic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """Retained messages and entities that Home Assistant knows of."""

    topic: str | None = None
    """Of the discovery payload."""
    components: dict[str, str] = field(default_factory=dict)
    """Their platforms, by key."""
    retained: tuple[str, ...] = ()
    """Topics that the broker keeps a message of ours on."""
    alarms: dict[str, str] = field(default_factory=dict)
    """Names, by sensor."""
    base: str | None = None
    """What our topics began with."""

    def left(self) -> tuple[str, ...]:
        """Every topic that may have a message of ours, those of the rest of the service among them."""
        return (*((self.topic,) if self.topic else ()), *self.retained, *(around(self.base) if self.base else ()))

    def beside(self, other: "Kept") -> "Kept":
        """Everything of both; what can be only one is as it is here."""
        mine = self.left()
        retained = (*self.retained, *(topic for topic in other.left() if topic not in mine))
        return Kept(self.topic, other.components | self.components, retained, self.alarms, self.base)


def around(base: str) -> tuple[str, ...]:
    """What the rest of the service leaves under its base: whether it is there, how it does, whether it listens."""
    return f"{base}/state", f"{base}/health", f"{base}/listening"


def load_kept(file: Path) -> Kept:
    """As it was saved; nothing where there is no file or it was damaged. Blocks."""
    try:
        return _parsed(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return Kept()
    except (OSError, ValueError, AttributeError, LookupError, TypeError) as error:
        log.warning("appliance.kept_unreadable", extra={"file": str(file), "reason": str(error)})
        return Kept()


def save_kept(file: Path, kept: Kept) -> None:
    """Write it, or remove the file where nothing is left; a failure is logged. Blocks."""
    try:
        if kept == Kept():
            file.unlink(missing_ok=True)
        else:
            replace_file(file, json.dumps(asdict(kept), ensure_ascii=False).encode())
    except OSError as error:
        log.warning("appliance.kept_not_saved", extra={"file": str(file), "reason": str(error)})


def _parsed(plain: Any) -> Kept:
    topic = plain["topic"]
    topics = [str(each) for each in plain["retained"]]
    base = plain.get("base")
    for each in (topic, base):
        if each is not None and not is_valid_topic(each):
            raise ValueError(f"{each!r} is no topic")
    return Kept(
        topic,
        {str(key): str(value) for key, value in plain["components"].items()},
        tuple(each for each in topics if is_valid_topic(each)),
        {str(key): str(value) for key, value in plain["alarms"].items()},
        base,
    )
