"""microWakeWord's networks, under the TensorFlow Lite that pymicro-wakeword's wheel brings."""

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from edge.speech.sound import Samples
from edge.speech.wake.engine import Score, threshold
from edge.speech.wake.errors import WakeError

_PACKAGE: Final = "pymicro_wakeword"
_TRIAL_S: Final = 60.0


def bundled() -> dict[str, Path]:
    """The JSON of each wake word that the wheel brings, by name; empty where it is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    places = (found.submodule_search_locations or ()) if found else ()
    return {file.stem: file for place in places for file in sorted(Path(place, "models").glob("*.json"))}


class MicroEngine:
    """Any number of microWakeWord networks, which share their features."""

    def __init__(self) -> None:
        """Raises `WakeError` where the package is missing."""
        try:
            self._library: Any = importlib.import_module(_PACKAGE)
        except ImportError as error:
            raise WakeError(f"wake words need a package: pip install 'edge-assistant[speech]' ({error})") from error
        self._features = self._library.MicroWakeWordFeatures()
        self._networks: dict[str, tuple[Any, float]] = {}

    def add(self, word: str, facts: Path, sensitivity: float) -> None:
        """Load the network that lies beside its JSON, `facts`; raises `WakeError`.

        The library does not check a file and may crash on a broken one: `try_out` comes first for any but our own.
        """
        try:
            network = self._library.MicroWakeWord.from_config(facts)
        except (OSError, LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            if "GLIBC" in str(error):
                raise WakeError(f"wake words need Debian 12, Ubuntu 22.04 or newer: {error}") from error
            raise WakeError(f"the wake word {facts} can't be loaded ({error!r}): fetch both its files again") from error
        self._networks[word] = network, threshold(network.probability_cutoff, sensitivity)

    @property
    def words(self) -> Sequence[str]:
        """Those that were added."""
        return tuple(self._networks)

    def feed(self, samples: Samples) -> Sequence[Score]:
        """A score for each word, every 30 ms of sound."""
        best: dict[str, float] = {}
        for features in self._features.process_streaming(samples.tobytes()):
            for word, (network, _) in self._networks.items():
                best[word] = max(best.get(word, 0.0), network.process_streaming_prob(features) or 0.0)
        return [Score(word, probability, self._networks[word][1]) for word, probability in best.items()]

    def reset(self) -> None:
        """Forget what was heard; loads the networks anew, as their memory can't be cleared otherwise."""
        self._features.reset()
        for network, _ in self._networks.values():
            network.reset()


def try_out(facts: Path) -> None:
    """Run a network on a second of silence in a process of its own; raises `WakeError` where that dies of it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "edge.speech.wake.trial", str(facts)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TRIAL_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WakeError(f"the wake word {facts} could not be tried out: {error}") from error
    if done.returncode > 0:
        raise WakeError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    if done.returncode:
        raise WakeError(
            f"the wake word {facts} is broken (loading it ended with signal {-done.returncode}): replace it"
        )
