"""Takes the power away during an update, and looks whether what starts afterwards is a whole release."""

import json
import random
import time
from collections import Counter
from typing import Any, Final

from image.boot.machine import Machine
from image.boot.offer import LABEL, Offer
from image.boot.scenario import Scenario
from image.boot.torn import Torn
from image.boot.writelog import entries_written

_UPDATE_S: Final = 1500.0
_SETTLE_S: Final = 600.0
_FACTS: Final = "cd /opt/edge/releases && ls -A && echo -- && ls -d /opt/edge/fallback 2>/dev/null; edge update --json"


class Updates:
    """One update with every write noted down; then cards as they would be after a cut in the middle of it, started."""

    def __init__(self, scenario: Scenario, moments: random.Random, offer: Offer) -> None:
        self._scenario = scenario
        self._moments = moments
        self._offer = offer

    def cut(self, count: int) -> None:
        """Power gone at `count` random moments of an update, half of them around the switch."""
        scenario, machine, report = self._scenario, self._scenario.machine, self._scenario.report
        torn = Torn(scenario.card, scenario.directory)
        whole = torn.remember_card()
        machine.write_log = torn.log
        machine.extra_drives = (*machine.extra_drives, self._offer.drive)
        machine.power_on()
        scenario.enter("before the update")
        machine.run(
            f"mkdir -p /run/offer /etc/edge/keys && mount -o ro LABEL={LABEL} /run/offer"
            " && cp /run/offer/release.pub /etc/edge/keys/ && sync",
            60 * scenario.patience,
        )
        begun, started = entries_written(torn.log), time.monotonic()
        machine.run("edge update --apply /run/offer/edge.bundle", _UPDATE_S * scenario.patience)
        report.fact("seconds that the update took", time.monotonic() - started)
        last = entries_written(torn.log)
        report.fact("writes of the update", last - begun)
        self._check("an update that nothing disturbs", Counter({self._offer.after: 1}))
        machine.cut()
        machine.write_log = None
        machine.extra_drives = machine.extra_drives[:-1]
        ended: Counter[str] = Counter()
        for number in range(1, count + 1):
            switch = last - (last - begun) // 10
            moment = self._moments.randint(begun if number % 2 else switch, last)
            machine.disk = torn.card_at(whole, moment, self._moments)
            machine.power_on()
            name = f"cut {number} of {count} during the update, at {100 * (moment - begun) // max(1, last - begun)} %"
            ended += self._check(name, Counter())
            machine.cut()
        machine.disk = scenario.card.path
        report.fact("releases that ran after cuts during the update", ", ".join(f"{n} {c}" for n, c in ended.items()))

    def _check(self, name: str, wanted: Counter[str]) -> Counter[str]:
        """One whole release runs, and nothing of another is left lying; which it is."""
        scenario, report = self._scenario, self._scenario.report
        scenario.enter(name)
        report.expect(f"{name}: it starts and answers", scenario.answers(scenario.patience * _SETTLE_S))
        beside, facts = self._settled(scenario.machine)
        running = str(facts["running"])
        releases = {self._offer.before, self._offer.after}
        whole = running in (wanted or releases) and not facts["step"]
        report.expect(f"{name}: a whole release runs", whole, f"{facts}")
        report.expect(f"{name}: nothing half done is left", set(beside) <= releases, ", ".join(beside))
        version = json.loads(scenario.machine.run("edge status --json", 120 * scenario.patience))["version"]
        report.expect(f"{name}: the service is of that release", version == running, f"{version} of {running}")
        return Counter({running: 1})

    def _settled(self, machine: Machine) -> tuple[list[str], dict[str, Any]]:
        """What lies among the releases, and what `edge update` says, once no update is under way any more."""
        for _ in machine.until("the update has come to an end", self._scenario.patience * _SETTLE_S, 5.0):
            output = machine.run(_FACTS, 120 * self._scenario.patience)
            names, _, rest = output.partition("--\n")
            facts = json.loads(rest[rest.index("{") :])
            if not facts["step"]:
                fallback = [line for line in rest.splitlines() if line == "/opt/edge/fallback"]
                return [*names.split(), *fallback], facts
        raise AssertionError("until ends by raising")
