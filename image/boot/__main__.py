"""The boot test: prints what was measured, and ends with status 1 where something failed."""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from image.boot.card import CardError, write_card
from image.boot.cuts import Cuts
from image.boot.idle import count_writes
from image.boot.inside import drive_with_tests
from image.boot.machine import MachineError
from image.boot.report import Report
from image.boot.scenario import Scenario

GIB = 1 << 30


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m image.boot", description=__doc__)
    parser.add_argument("image", type=Path, nargs="?", help="a .img or .img.zst; the newest in dist/ unless given")
    parser.add_argument("--short", action="store_true", help="start, broker, service, one sentence; nothing is cut")
    parser.add_argument("--cuts", type=int, default=3, metavar="N", help="how often the power goes, 3 unless given")
    parser.add_argument(
        "--torn",
        type=int,
        default=30,
        metavar="N",
        help="moments of one run under load at which a card that reorders writes loses power; 30 unless given",
    )
    parser.add_argument(
        "--updates",
        type=int,
        default=3,
        metavar="N",
        help="how often the power goes during an update to the code of this checkout, 3 unless given",
    )
    parser.add_argument(
        "--unit-tests",
        nargs="*",
        metavar="PATH",
        help="run these tests of the checkout in the machine; without a path those that need no microphone",
    )
    parser.add_argument("--idle", type=float, default=0.0, metavar="MINUTES", help="count what an idle house writes")
    parser.add_argument("--uv", default="uv", help="the program that fetches what runs the unit tests")
    parser.add_argument("--card-gib", type=float, default=4.0, help="the size of the card, 4 unless given")
    parser.add_argument("--processors", type=int, default=2, help="of the machine, 2 unless given")
    parser.add_argument("--memory", type=int, default=1024, metavar="MIB", help="of the machine, 1024 unless given")
    parser.add_argument("--patience", type=float, default=1.0, help="times all limits, for a busy host")
    parser.add_argument("--seed", type=int, help="of the random moments; printed, so that a run can be repeated")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the card and the consoles there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there as well")
    options = parser.parse_args(arguments)
    image = options.image or _newest()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 30)
    report = Report()
    report.fact("image", image.name)
    report.fact("seed", seed)
    with tempfile.TemporaryDirectory(prefix="edge-boot-") as scratch:
        directory = options.keep or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        try:
            card = write_card(image, directory / "card.img", int(options.card_gib * GIB))
            scenario = Scenario(card, directory, report, options.patience, options.processors, options.memory)
            if options.unit_tests is not None:
                scenario.machine.extra_drives = (drive_with_tests(directory, options.uv),)
            scenario.first_boot()
            if not options.short:
                scenario.survives_a_killed_service()
                scenario.open_ports()
                if options.unit_tests is not None:
                    scenario.unit_tests(options.unit_tests)
                if options.idle:
                    count_writes(scenario, options.idle)
                scenario.switch_off()
                cuts = Cuts(scenario, random.Random(seed))  # noqa: S311 - moments, not secrets
                cuts.power(options.cuts)
                cuts.torn(options.torn)
                if options.updates:
                    # What signs is not installed everywhere.
                    from image.boot.offer import offered
                    from image.boot.updates import Updates

                    Updates(scenario, random.Random(seed), offered(directory)).cut(options.updates)  # noqa: S311
            else:
                scenario.machine.cut()
        except (MachineError, CardError) as error:
            report.failed(str(error))
    if options.json:
        options.json.write_text(json.dumps(report.facts, indent=2) + "\n")
    return 1 if report.failures else 0


def _newest() -> Path:
    found = sorted(Path("dist").glob("edge-*-arm64.img*"), key=lambda path: path.stat().st_mtime)
    found = [path for path in found if path.suffix in (".img", ".zst")]
    if not found:
        raise CardError("no image in dist/: build one with image/build.sh, or name one")
    return found[-1]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CardError as error:
        sys.exit(f"error: {error}")
