"""`edge` on simulated pins, as a process of its own; what is at a pin stands in a file, as it would stand at a pin."""

import asyncio
import os
import sys
from pathlib import Path

from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge import log
from edge.cli.main import main
from edge.service import serve
from edge.settings import load
from tests.service.words import load_words


class FilePin(MockPWMPin):
    """Writes its level, or that it is an input."""

    def _change_state(self, value: float) -> bool:
        changed: bool = super()._change_state(value)
        self._write(f"{float(value):g}")
        return changed

    def close(self) -> None:
        super().close()
        self._write("input")

    def _write(self, text: str) -> None:
        (Path(os.environ["PINS"]) / self.info.name).write_text(text)


if __name__ == "__main__":
    Device.pin_factory = MockFactory(pin_class=FilePin)
    if sys.argv[1:] != ["serve"]:
        sys.exit(main(sys.argv[1:]))
    loaded = load()
    log.configure("info", "json", sys.stderr)
    asyncio.run(serve(loaded, load_words))
