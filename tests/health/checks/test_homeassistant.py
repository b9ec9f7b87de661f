"""What is said of the link to Home Assistant, and what to do about it."""

from edge.health.checks.homeassistant import check
from edge.health.facts import HomeAssistantFacts
from edge.health.finding import Severity

URL = "http://homeassistant.local:8123"


def test_a_link_that_works_is_fine() -> None:
    found = list(check(HomeAssistantFacts(URL, "2026.2.3", entities=40, with_mqtt=30)))
    assert [finding.severity for finding in found] == [Severity.OK]
    assert "2026.2.3: 40 entities, 30" in found[0].text


def test_what_keeps_us_out_is_told_with_its_remedy() -> None:
    trouble = f"{URL} can't be reached (Connection refused): is Home Assistant running?"
    (found,) = check(HomeAssistantFacts(URL, trouble=trouble))
    assert (found.severity, found.remedy) == (Severity.PROBLEM, "is Home Assistant running?")
    assert found.text == f"{URL} can't be reached (Connection refused)"


def test_what_is_doubtful_is_noted() -> None:
    file, others = "t", "everybody"
    notice = "it is too old: get a newer one"
    facts = HomeAssistantFacts(URL, "2022.2.1", "", notice, 0, token_file=file, token_open_to=others)
    found = list(check(facts))
    assert [finding.severity for finding in found] == [Severity.OK, *[Severity.NOTE] * 3]
    assert [finding.remedy for finding in found[1:3]] == ["get a newer one", "chmod 600 t"]
    assert "Expose" in found[3].remedy
