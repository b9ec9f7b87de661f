"""microWakeWord's networks, under the TensorFlow Lite that pymicro-wakeword's wheel brings."""

import importlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from edge.speech.sound import Samples
from edge.speech.wake.engine import Score, threshold
from edge.speech.wake.errors import WakeError

_PACKAGE: Final = "pymicro_wakeword"


def bundled() -> dict[str, Path]:
    """The JSON of each wake word that the wheel brings, by name; empty where it is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    places = (found.submodule_search_locations or ()) if found else ()
    return {file.stem: file for place in places for file in sorted(Path(place, "models").glob("*.json"))}


class MicroEngine:
    """Any number of microWakeWord networks; 0.2 % of a core each here, as they share their features."""

    def __init__(self, words: Mapping[str, tuple[Path, float]]) -> None:
        """`words`: the JSON beside each network, and the sensitivity 0..1; raises `WakeError`."""
        try:
            library = importlib.import_module(_PACKAGE)
        except ImportError as error:
            raise WakeError(f"wake words need a package: pip install 'edge-assistant[speech]' ({error})") from error
        self._features = library.MicroWakeWordFeatures()
        self._networks: dict[str, tuple[Any, float]] = {}
        for word, (facts, sensitivity) in words.items():
            network = _load(library, facts)
            self._networks[word] = network, threshold(network.probability_cutoff, sensitivity)

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


def _load(library: Any, facts: Path) -> Any:
    try:
        return library.MicroWakeWord.from_config(facts)
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, json.JSONDecodeError) as error:
        raise WakeError(f"the wake word {facts} can't be loaded ({error!r}): fetch both of its files again") from error
