"""What the shipped weights are and what they answer, kept beside them: by this a damaged or exchanged file is found.

`python -m edge.router.golden` writes it anew after the router was trained.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.router.confidence import Manifest
from edge.router.decode import Decoder
from edge.router.network import Network, NetworkError
from edge.router.parts import decode_in_parts
from edge.router.vocabulary import load_vocabulary

FOLDER: Final = Path(__file__).parent / "weights"
FILE: Final = Path(__file__).parent / "golden.json"
_FILES: Final = ("router.json", "router.onnx", "vocab.txt", "words.bin")
_CHUNK_BYTES: Final = 1 << 20
SENTENCES: Final = (
    "turn on the lamp in the hall",
    "close all the blinds",
    "set the thermostat to nineteen degrees",
    "lock the back door",
    "how warm is it in the cellar",
    "start the vacuum cleaner",
    "add milk to the shopping list",
    "set a timer for five minutes",
    "dim the desk light to thirty percent and stop the fan",
    "tell me a story about a dragon",
)


@dataclass(frozen=True, slots=True)
class Golden:
    """What is known of the weights."""

    digests: dict[str, str]
    """SHA-256 of each file."""
    answers: dict[str, tuple[str, ...]]
    """Each sentence's function tokens."""


def known() -> Golden:
    """As it was written. Raises `NetworkError`."""
    try:
        plain = json.loads(FILE.read_text("utf-8"))
        return Golden(dict(plain["digests"]), {text: tuple(answer) for text, answer in plain["answers"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NetworkError(f"{FILE}: not what the router's answers are held against ({error}); reinstall") from error


def digests(folder: Path = FOLDER) -> dict[str, str]:
    """Those of the files now; files that can't be read have none."""
    found = {}
    for name in _FILES:
        digest = hashlib.sha256()
        try:
            with (folder / name).open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except OSError:
            continue
        found[name] = digest.hexdigest()
    return found


def answers(folder: Path = FOLDER) -> dict[str, tuple[str, ...]]:
    """What the weights make of each sentence now. Raises `NetworkError`."""
    vocabulary = load_vocabulary()
    if Manifest.load(folder / "router.json").tokens != vocabulary.tokens:
        raise NetworkError(f"{folder}: trained for other functions than functions.toml has; reinstall the package")
    network, decoder = Network.load(folder), Decoder(vocabulary)
    found = {}
    for text in SENTENCES:
        reading = network.read(text)
        decoded = decode_in_parts(reading, network, decoder) if reading is not None else None
        tokens = tuple(call.function for call in decoded.calls) if decoded is not None else ()
        found[text] = tokens or ((decoded.special,) if decoded is not None and decoded.special else ())
    return found


def write() -> None:
    """What is true of the weights as they are."""
    document = {"digests": digests(), "answers": answers()}
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
