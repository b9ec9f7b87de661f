"""A real Home Assistant as the client: `python -m tests.bench.http_ha --ha HA.py`.

`HA.py` starts Home Assistant and drives it (`start`, `add_ollama`, `add_openai`, `say`, …). Its Ollama and its OpenAI
integration are set up against the service, whose model, of weights that were thought up, calls Home Assistant's tool
HassTurnOn and then says "hello". Told is whether the helper was switched on, what was answered, how long it took, and
what Home Assistant complained of. Exit status 1 where something did not work.
"""

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from edge.mqtt.broker import free_port
from tests.api.http.running import Running, running
from tests.llm.parrot import Table, make_parrot
from tests.llm.toolboxes import QWEN

ENTITY = "input_boolean.hasturn"
HELPERS = "\ninput_boolean:\n  hasturn:\n    name: HasTurn\n"
BEGINNING = "<|im_start|>assistant\n{% endif %}"
TEMPLATE = QWEN.replace(BEGINNING, "<|im_start|>assistant\n{% if messages[-1].role == 'tool' %}!{% endif %}{% endif %}")
"""After a result the prompt ends in another token, so that a model which looks at its last token alone can say more."""
MARKS = ("<tool_call>", "</tool_call>")
TABLE: Table = {
    "Ċ": ("<tool_call>",),
    "{": ('"',),
    '"': ("H", "n", "}"),
    "H": ("a",),
    "a": ("s",),
    "s": ("T",),
    "T": ("u",),
    "u": ("r",),
    "r": ("n",),
    "n": ('"', "O"),
    "O": ("n",),
    "</tool_call>": ("<|im_end|>",),
    "!": ("hello",),
    "hello": ("<|im_end|>",),
}
"""Calls HassTurnOn with the name HasTurn."""


def home_assistant(file: Path, directory: Path) -> Any:
    """The module that drives it, on a port and with a configuration of its own."""
    os.environ["HA_PORT"] = str(free_port())
    os.environ["HA_RUN"] = str(directory / "ha")
    spec = importlib.util.spec_from_file_location("ha", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def agents(ha: Any) -> set[str]:
    return {name for name in ha.states("conversation.") if name != "conversation.home_assistant"}


def appeared(ha: Any, known: set[str]) -> set[str]:
    """The agents that are new, once there is one."""
    until = time.monotonic() + 20
    while not (new := agents(ha) - known) and time.monotonic() < until:
        time.sleep(0.2)
    return new


def ask(ha: Any, agent: str) -> bool:
    """Whether the agent switches the helper on and says so."""
    ha.call_service("input_boolean.turn_off", {"entity_id": ENTITY})
    began = time.monotonic()
    said = ha.say("please make it bright in here", agent)["response"]
    took_s = time.monotonic() - began
    state = ha.state(ENTITY)["state"]
    speech = said.get("speech", {}).get("plain", {}).get("speech")
    print(f"{agent:<40} {said['response_type']}, {speech!r}, helper {state}, {took_s:.2f} s")
    return state == "on" and speech == "hello"


def check(ha: Any, here: Running) -> bool:
    ha.expose(ENTITY)
    ha.add_ollama(here.ollama, "parrot", think=False)
    ollama = appeared(ha, set())
    ha.add_openai("none")
    openai = appeared(ha, ollama)
    fine = [ask(ha, agent) for agent in sorted(ollama | openai)]
    ha.add_ollama(here.base, "edge", name="Assistant", llm_hass_api=[])
    for agent in appeared(ha, ollama | openai):
        said = ha.say("what time is it", agent)["response"]
        print(f"{agent:<40} {said['response_type']}, {said['speech']['plain']['speech']!r}")
        fine.append(said["response_type"] != "error")
    fine.append(task(ha))
    return len(fine) == 4 and all(fine)


def task(ha: Any) -> bool:
    """Whether an answer in a form, which Home Assistant's AI task asks for, keeps to it."""
    entry = next(one["entry_id"] for one in ha.entries() if one["domain"] == "ollama")
    options = {"name": "Form", "model": "parrot", "num_ctx": 8192, "max_history": 20, "keep_alive": -1, "think": False}
    before = set(ha.states("ai_task."))
    ha.subentry_flow(entry, "ai_task_data", options)
    until = time.monotonic() + 20
    while not (new := set(ha.states("ai_task.")) - before) and time.monotonic() < until:
        time.sleep(0.2)
    level = {"selector": {"number": {"min": 0, "max": 10}}, "required": True}
    asked = {"task_name": "level", "instructions": "how bright?", "structure": {"level": level}}
    for agent in new:
        told = ha.call_service("ai_task.generate_data", {"entity_id": agent, **asked}, response=True)
        data = told["service_response"]["data"]
        print(f"{agent:<40} {data}")
        return isinstance(data, dict) and 0 <= float(data["level"]) <= 10
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ha", type=Path, required=True, metavar="HA.py")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        ha = home_assistant(args.ha, directory)
        model = make_parrot(directory / "parrot.gguf", TABLE, TEMPLATE, MARKS)
        aliases = '{"gpt-4o-mini": "parrot"}'
        with running(directory, model, words=False, n_ctx=16384, HTTP__ALIASES=aliases) as here:
            os.environ["OPENAI_BASE_URL"] = f"{here.base}/v1"
            print(f"Home Assistant {ha.start(extra_yaml=HELPERS)} s to running")
            try:
                fine = check(ha, here)
                log = ha.log(400)
                complaints = [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line]
                print(f"complaints of Home Assistant: {len(complaints)}")
                print("\n".join(complaints[:10]))
            finally:
                ha.stop()
                notices = [line for line in here.log.read_text().splitlines() if '"http.' in line]
                print("\n".join(notices[-10:]))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
