"""What is said of the connection to the broker, and what to do about it."""

from edge.health.checks.broker import BrokerFacts, check
from edge.health.finding import Severity

HERE = "10.0.0.2:8883"


def test_a_connection_that_works_is_fine() -> None:
    (found,) = check(BrokerFacts(HERE, connected=True, tls=True, devices=3))
    assert (found.severity, found.text) == (
        Severity.OK,
        "Connected to the broker at 10.0.0.2:8883 with MQTT 5 over TLS",
    )


def test_what_keeps_us_out_is_told_with_its_remedy() -> None:
    (found,) = check(BrokerFacts(HERE, connected=False, text="the certificate has expired", remedy="renew it"))
    assert (found.severity, found.text, found.remedy) == (
        Severity.PROBLEM,
        "The certificate has expired",
        "Renew it",
    )


def test_what_could_be_better_is_noted() -> None:
    doubts = ("mqtt.password_file: everybody may read /p: chmod 600 /p",)
    found = list(check(BrokerFacts(HERE, connected=True, protocol="3.1.1", dropped=7, doubts=doubts, devices=0)))
    assert [one.severity for one in found] == [Severity.OK, *[Severity.NOTE] * 4]
    assert "3.1.1" in found[1].text
    assert "max_queued_messages" in found[2].remedy
    assert found[4].remedy == "chmod 600 /p"


def test_a_topic_that_is_kept_from_us_is_a_problem() -> None:
    found = list(check(BrokerFacts(HERE, connected=True, not_allowed={"lock/set": "not authorized"})))
    assert found[1].severity is Severity.PROBLEM
    assert "lock/set" in found[1].text
