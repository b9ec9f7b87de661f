"""What the checks of hearing and speaking find, and which remedy they name."""

from dataclasses import replace

import pytest

from edge.health.checks import load
from edge.health.facts import AudioFacts, Device, Heard, Tried
from edge.health.finding import Finding, Severity

HEARD = Heard(speech_dbfs=-25, noise_dbfs=-60, peak_dbfs=-10, clipped=0.0, offset=0.0, gain_db=0.0, had_speech=True)
CHECKS = (
    *("speech_parts", "microphone", "level", "clipping", "noise", "offset"),
    *("loudspeaker", "echo", "wake_words", "recognisers", "voices"),
)


def check_audio(facts: AudioFacts) -> list[Finding]:
    """What all checks of hearing and speaking find."""
    return [finding for name in CHECKS for finding in load(name).check(facts)]


GOOD = AudioFacts(
    microphone=Device("usb", 48_000, cancels_echo=True, is_served=True),
    loudspeaker=Device("speaker", 48_000, is_served=True),
    heard=HEARD,
    wake_words=("okay_nabu",),
)


def findings(facts: AudioFacts, check: str) -> list[Finding]:
    """Those of one check."""
    return [finding for finding in check_audio(facts) if finding.check == check]


def heard(**changes: float | bool | None) -> AudioFacts:
    """A recording that differs."""
    return replace(GOOD, heard=replace(HEARD, **changes))  # type: ignore[arg-type]


def test_nothing_is_wrong_where_nothing_is() -> None:
    assert {finding.severity for finding in check_audio(GOOD)} == {Severity.OK}


@pytest.mark.parametrize(
    ("facts", "check", "severity", "text", "remedy"),
    [
        (heard(peak_dbfs=-96), "level", Severity.PROBLEM, "digital silence", "--microphone"),
        (heard(speech_dbfs=-55, peak_dbfs=-40), "level", Severity.PROBLEM, "-55 dBFS", "31 dB"),
        (heard(speech_dbfs=-6), "level", Severity.NOTE, "very loud", "18 dB"),
        (heard(had_speech=False), "level", Severity.NOTE, "nobody spoke", "speak while"),
        (heard(clipped=0.01), "clipping", Severity.PROBLEM, "1.0%", "lower the capture level"),
        (heard(noise_dbfs=-30), "noise", Severity.PROBLEM, "only 5 dB", "move the microphone"),
        (heard(noise_dbfs=-40), "noise", Severity.NOTE, "15 dB below", "move the microphone"),
        (heard(offset=0.1), "offset", Severity.NOTE, "+10.0%", "another USB port"),
        (
            replace(GOOD, microphone=Device(trouble="there is no microphone: plug one in")),
            *("microphone", Severity.PROBLEM, "there is no microphone", "plug one in"),
        ),
        (
            replace(GOOD, microphone=replace(GOOD.microphone, is_muted=True)),
            *("microphone", Severity.PROBLEM, "muted", "pactl set-source-mute usb 0"),
        ),
        (
            replace(GOOD, loudspeaker=Device(trouble="there is no loudspeaker: plug one in")),
            *("loudspeaker", Severity.PROBLEM, "there is no loudspeaker", "plug one in"),
        ),
        (
            replace(GOOD, microphone=replace(GOOD.microphone, cancels_echo=False)),
            *("echo", Severity.NOTE, "own voice", "module-echo-cancel"),
        ),
        (
            replace(GOOD, microphone=Device("hw:1,0", 48_000)),
            *("echo", Severity.NOTE, "own voice", "PipeWire"),
        ),
        (
            replace(GOOD, wake_words=(), wake_problems=("/x/a.ppn is for Porcupine: train the word anew",)),
            *("wake", Severity.PROBLEM, "Porcupine", "train the word anew"),
        ),
        (replace(GOOD, wake_words=()), "wake", Severity.PROBLEM, "no wake word", "push-to-talk"),
        (
            replace(GOOD, missing=("the network is not installed: pip install it",)),
            *("speech", Severity.PROBLEM, "not installed", "pip install"),
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(
    facts: AudioFacts, check: str, severity: Severity, text: str, remedy: str
) -> None:
    (finding,) = findings(facts, check)
    assert finding.severity is severity
    assert text in finding.text
    assert remedy in finding.remedy


def test_without_a_recording_nothing_is_said_of_levels() -> None:
    checks = {finding.check for finding in check_audio(replace(GOOD, heard=None))}
    assert checks == {"microphone", "loudspeaker", "echo", "wake"}


def test_one_broken_wake_word_leaves_the_others() -> None:
    found = findings(replace(GOOD, wake_problems=("/x/b.tflite is damaged: fetch it again",)), "wake")
    assert [finding.severity for finding in found] == [Severity.PROBLEM, Severity.OK]


SPEAKS, HEARS = Tried("espeak-ng", took_s=0.03), Tried("pocketsphinx", took_s=0.2)


def test_a_voice_that_can_not_be_used_is_a_problem_and_says_who_speaks() -> None:
    broken = Tried("alan", "the voice alan lacks its description: copy alan.onnx.json there")
    facts = replace(GOOD, voices=(broken, replace(SPEAKS, is_meant=False)))
    first, second = findings(facts, "voice")
    assert (first.severity, first.remedy) == (Severity.PROBLEM, "copy alan.onnx.json there")
    assert first.text == "the voice alan lacks its description; espeak-ng speaks in its place"
    assert (second.severity, second.text) == (Severity.OK, "espeak-ng speaks; a word takes it 30 ms")


def test_a_voice_that_nobody_asked_for_is_a_note() -> None:
    facts = replace(GOOD, voices=(SPEAKS, Tried("amy", "it is damaged", is_meant=False)))
    assert [finding.severity for finding in findings(facts, "voice")] == [Severity.NOTE, Severity.OK]
    assert "edge models use" in findings(facts, "voice")[0].remedy


def test_where_nothing_hears_that_is_a_problem() -> None:
    facts = replace(GOOD, recognisers=(Tried("pocketsphinx", "pocketsphinx is not installed: pip install it"),))
    (finding,) = findings(facts, "recogniser")
    assert (finding.severity, finding.remedy) == (Severity.PROBLEM, "pip install it")


def test_a_recogniser_that_is_too_slow_is_a_note() -> None:
    slow = Tried("faster-whisper with medium", took_s=4.2, is_slow=True)
    first, second = findings(replace(GOOD, recognisers=(slow, HEARS)), "recogniser")
    assert (first.severity, second.severity) == (Severity.NOTE, Severity.OK)
    assert "4.2 s" in first.text
    assert second.text.startswith("pocketsphinx hears")
