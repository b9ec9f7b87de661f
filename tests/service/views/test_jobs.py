"""Commands that the page has run: what they tell, what they answer, and that they can be called off."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.service.views.jobs import MOST_KEPT, Job, JobError, Jobs
from edge.settings import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/taught.toml").write_text("# nothing yet\n")
    return Places(tmp_path / "config.toml", tmp_path / "state", tmp_path / "run", tmp_path / "opt")


@pytest.fixture
async def jobs(places: Places) -> AsyncIterator[Jobs]:
    jobs = Jobs(places)
    yield jobs
    await jobs.close()


async def test_a_command_answers_with_what_it_prints_of_the_services_own_places(jobs: Jobs, places: Places) -> None:
    places.config.write_text('node = "boat"\n')
    answer = await jobs.answer("settings", "Settings", ["config", "--json"], within_s=60)
    assert answer["settings"]["node"] == "boat"
    assert answer["places"]["state"] == str(places.state)


async def test_what_fails_says_why_as_the_command_does(jobs: Jobs) -> None:
    with pytest.raises(JobError, match="nowhere"):
        await jobs.answer("add", "Adding", ["models", "add", "nowhere.gguf", "--json"], within_s=60)
    assert [job["state"] for job in jobs.all()] == ["failed"]


async def test_progress_is_told_while_it_happens(places: Places, tmp_path: Path) -> None:
    told: list[Mapping[str, Any]] = []
    jobs = Jobs(places, told.append)
    ended: list[Job] = []
    job = jobs.begin("backup", "A backup", ["backup", str(tmp_path / "a.backup"), "--json"], after=ended.append)
    await job.ended.wait()
    assert job.state == "done", job.error
    assert ended == [job]
    assert job.answer["file"] == str(tmp_path / "a.backup")
    assert told[0]["state"] == "running"
    assert told[-1]["state"] == "done"
    assert any(one["share"] == 1.0 and one["what"].startswith("writing") for one in told)


async def test_only_one_of_a_kind_runs_and_it_can_be_called_off(jobs: Jobs) -> None:
    job = jobs.begin("say", "Waits", ["route", "--json"], stdin=None)
    with pytest.raises(JobError, match="being done already"):
        jobs.begin("say", "Waits", ["route", "--json"])
    jobs.call_off(job.id)
    await asyncio.wait_for(job.ended.wait(), 60)
    assert job.state == "called off"


async def test_what_takes_too_long_is_called_off_and_said(jobs: Jobs) -> None:
    with pytest.raises(JobError, match="did not end within"):
        await jobs.answer("slow", "Slow", ["run"], within_s=0.01)
    await jobs.find(jobs.all()[0]["id"]).ended.wait()


async def test_a_few_that_have_ended_are_still_known(jobs: Jobs) -> None:
    for _ in range(MOST_KEPT + 2):
        await jobs.begin("x", "x", ["--version"]).ended.wait()
    assert len(jobs.all()) == MOST_KEPT
    with pytest.raises(JobError, match="not known any more"):
        jobs.find("nothing")
