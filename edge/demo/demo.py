"""The demo as a whole: the stage is put up, the tour is taken, the prompt is opened, everything is taken down."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from edge.demo.house.plan import FLOORS
from edge.demo.prompt import Prompt
from edge.demo.script import steps
from edge.demo.show import Progress, Show
from edge.demo.stage import Stage
from edge.demo.tour import Result, tour


async def demo(*, script: bool, as_json: bool, with_tour: bool = True, model: Path | None = None) -> int:
    """Exit status: 1 where a step of the tour had not its effect. Raises `DemoError`, `BrokerMissingError`.

    `script`: no prompt after the tour; `as_json`: a JSON object a step on standard output.
    """
    _end_on_signals()
    show = Show(sys.stdout)
    stage = Stage(model=model)
    with Progress("starting a broker, a house and the assistant"):
        await stage.__aenter__()
    try:
        results = await _tour(stage, show, model=model, as_json=as_json) if with_tour else []
        if not script:
            await Prompt(stage, show).run()
    finally:
        await asyncio.shield(stage.__aexit__(None, None, None))
    failed = [result for result in results if not result.passed]
    for result in failed:
        where = result.step.title if result.step else ""
        print(f"edge demo: {result.text!r} ({where}): {'; '.join(result.problems)}", file=sys.stderr)
    return 1 if failed else 0


async def _tour(stage: Stage, show: Show, *, model: Path | None, as_json: bool) -> list[Result]:
    script = steps(model=model is not None)
    results: list[Result] = []
    if not as_json:
        show.opening(len(stage.house.things), sum(map(len, FLOORS.values())) + 1, model=model is not None)
    async for result in tour(stage, script):
        results.append(result)
        if as_json:
            print(json.dumps(result.to_json(), ensure_ascii=False), flush=True)
        else:
            show.step(len(results), len(script), result)
    if not as_json:
        show.closing(results)
    return results


def _end_on_signals() -> None:
    """A closed terminal and a plain kill end it in order, as Ctrl-C does."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: task.cancel() if task else None)
