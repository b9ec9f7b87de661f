"""Takes the power away, in the middle of starting and under write load, and looks for what was acknowledged."""

import contextlib
import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from typing import Final

from image.boot.machine import MachineError
from image.boot.scenario import Scenario
from image.boot.torn import Torn
from image.boot.writelog import entries_written

_KINDS: Final = (
    *("red", "green", "fresh", "dried", "frozen", "sliced", "small", "large", "salted", "smoked"),
    *("white", "yellow", "pickled", "roasted", "peeled", "cheap", "organic", "tinned", "chopped", "wild"),
)
_GOODS: Final = (
    *("apples", "beans", "carrots", "olives", "onions", "peppers", "tomatoes", "peas", "plums", "nuts"),
    *("berries", "cherries", "grapes", "leeks", "lemons", "mushrooms", "pears", "potatoes", "radishes", "turnips"),
)
"""Enough for an hour of orders, none of them twice."""
_LOAD_S: Final = 40.0
_SENSORS: Final = 20


class Cuts:
    """Power cuts at random moments; what the assistant acknowledged must be there at the end."""

    def __init__(self, scenario: Scenario, moments: random.Random) -> None:
        self._scenario = scenario
        self._moments = moments
        self._words = (f"{kind} {thing}" for kind, thing in itertools.product(_KINDS, _GOODS))
        self._acknowledged: list[tuple[str, int]] = []
        """What was put on the list, and how many writes the card had seen when that was acknowledged."""

    def power(self, count: int) -> None:
        """Cut `count` times, each at a random moment from the kernel's first second until well after it is ready."""
        scenario, machine, report = self._scenario, self._scenario.machine, self._scenario.report
        ready_s = float(str(report.facts.get("first boot: seconds to the service", 60.0)))
        for number in range(1, count + 1):
            moment = self._moments.uniform(1.0, 1.5 * ready_s + 10)
            machine.power_on()
            with self._load(machine.starts):
                while machine.up_s < moment and machine.running:
                    time.sleep(0.1)
            report.expect(
                f"cut {number} of {count}: still running after {moment:.0f} s", machine.running, machine.tail(3)
            )
            machine.cut()
        if not count:
            return
        machine.power_on()
        scenario.enter(f"after {count} cuts")
        self._check_list()
        status, data = machine.attempt("cat /run/edge-data")
        report.expect("the data partition is in use after the cuts", status == 0 and data == "data", data)
        scenario.switch_off()

    def torn(self, count: int) -> None:
        """One run under load on a card whose writes are noted down, replayed up to `count` random moments.

        What was not yet flushed is there or not, each write by chance, as on a card that keeps an order of its own.
        """
        if not count:
            return
        scenario, machine, report = self._scenario, self._scenario.machine, self._scenario.report
        torn = Torn(scenario.card, scenario.directory)
        torn.remember()
        machine.write_log = torn.log
        machine.power_on()
        self._acknowledged.clear()
        begun = 0
        with self._load(machine.starts, lambda: entries_written(torn.log)):
            scenario.enter("with writes noted down")
            begun = entries_written(torn.log)
            time.sleep(_LOAD_S * scenario.patience)
        machine.cut()
        machine.write_log = None
        last = entries_written(torn.log)
        report.fact("writes under load", last - begun)
        report.fact("acknowledged under load", len(self._acknowledged))
        lost, broken = 0, []
        for _ in range(count):
            moment = self._moments.randint(begun, last)
            wanted = {name for name, at in self._acknowledged if at <= moment}
            verdict = torn.at(moment, self._moments, wanted)
            lost += len(verdict.missing)
            if verdict.trouble:
                broken.append(verdict.trouble)
        report.expect(
            f"{count} torn moments: the file system and every database are whole", not broken, "; ".join(broken[:3])
        )
        report.expect(f"{count} torn moments: nothing acknowledged is lost", lost == 0, f"{lost} lost")

    @contextlib.contextmanager
    def _load(self, start: int, written: Callable[[], int] = lambda: 0):  # type: ignore[no-untyped-def]
        """Readings and orders in the background, as soon as the machine takes them."""
        stop = threading.Event()
        worker = threading.Thread(target=self._write, args=(stop, written), name=f"load-{start}", daemon=True)
        worker.start()
        try:
            yield
        finally:
            stop.set()
            worker.join(30)

    def _write(self, stop: threading.Event, written: Callable[[], int]) -> None:
        from image.boot.house import House

        scenario = self._scenario
        port = scenario.machine.ports[1883]
        while not stop.is_set():
            with contextlib.suppress(MachineError, OSError, ValueError), House(port, scenario.password) as house:
                house.connect(1.0)
                for number in range(_SENSORS):
                    topic = f"homeassistant/sensor/load_{number}/config"
                    about = {"name": f"Load {number}", "unique_id": f"load_{number}", "state_topic": f"load/{number}"}
                    house.publish(topic, json.dumps(about), retain=True, timeout_s=1.0)
                self._orders(house, stop, written)
            stop.wait(0.2)

    def _orders(self, house, stop: threading.Event, written: Callable[[], int]) -> None:  # type: ignore[no-untyped-def]
        while not stop.is_set():
            name = next(self._words, "")
            for number in range(_SENSORS):
                house.publish(f"load/{number}", f"{self._moments.random() * 30:.2f}", timeout_s=1.0)
            if not name:
                stop.wait(0.2)
                continue
            reply = house.ask(self._scenario.node, f"add {name} to the shopping list", 15.0)
            if reply.get("decision") == "act" and name in str(reply.get("text", "")).lower():
                self._acknowledged.append((name, written()))

    def _check_list(self) -> None:
        scenario = self._scenario
        listed = scenario.machine.run("edge lists --json", 60 * scenario.patience).lower()
        missing = [name for name, _ in self._acknowledged if name not in listed]
        scenario.report.fact("acknowledged between cuts", len(self._acknowledged))
        scenario.report.expect("nothing acknowledged was lost in the cuts", not missing, ", ".join(missing))
