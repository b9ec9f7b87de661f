"""The pages say what the code does: links, settings and configuration examples."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from edge.devices.registry import Registry
from edge.mqtt.household import described, furnish
from edge.schedule.rules.book import RULES
from edge.schedule.scenes.book import SCENES
from edge.settings import load, places
from edge.settings.model import Settings
from tests import generated_pages

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key of the settings, those of tables and entries included."""
    for name, field in model.model_fields.items():
        yield name
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from keys(inner)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", generated_pages.pages(), ids=lambda page: page.name)
def test_parts_that_are_written_from_the_program_are_as_it_is(page: Path) -> None:
    """Where this fails: `python -m tests.generated_pages`."""
    assert page.read_text(encoding="utf-8") == generated_pages.renewed(page)


@pytest.mark.parametrize("key", sorted(set(keys(Settings))))
def test_every_setting_is_described(key: str) -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert f"| `{key}` |" in page or f"[{key}]" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_configuration_examples_are_taken_as_they_stand(page: Path, tmp_path: Path) -> None:
    for example in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        file = tmp_path / "config.toml"
        file.write_text(example, encoding="utf-8")
        loaded = load(places({"EDGE_CONFIG": str(file), "EDGE_STATE": str(tmp_path)}), {})
        assert not loaded.problems
        assert not described(loaded.settings)[1]
        assert not furnish(Registry(), loaded.settings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_rules_are_taken_as_they_stand(page: Path) -> None:
    for example in re.findall(r"```toml rules\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        rules, problems = RULES.parse(example)
        assert rules
        assert not problems


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_scenes_are_taken_as_they_stand(page: Path) -> None:
    for example in re.findall(r"```toml scenes\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        scenes, problems = SCENES.parse(example)
        assert scenes
        assert not problems
