"""Takes secrets out of a seed's text and leaves everything else as it was, comments and line ends included.

What is taken out is overwritten in place by blanks of the same length. On FAT, where a file that is renamed over
another can be lost to a power cut and leaves the old one's clusters as they were, this changes no directory and no
table of clusters, and the secret itself is what is overwritten. The result is written down beforehand (see `journal`),
so that a write that was torn is done again at the next start.
"""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from edge.appliance.seed.reading import SeedText

Path_ = tuple[str | int, ...]
_TOKEN: Final = re.compile(
    r'(?P<comment>#[^\n]*)|(?P<string>"""(?:\\.|[^\\])*?"""|'
    r"'''.*?'''"
    r'|"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*')",
    re.DOTALL,
)
_KEY: Final = re.compile(r"""(?:([A-Za-z0-9_-]+)|"([^"\n]*)"|'([^'\n]*)')[ \t]*=[ \t]*$""")


@dataclass(frozen=True, slots=True)
class Blanked:
    """A seed without its secrets, of the same length as before."""

    data: bytes
    spans: tuple[tuple[int, int], ...]
    """What is different: from byte, up to byte."""


def blanked(seed: SeedText, secrets: Collection[Path_]) -> Blanked | None:
    """The seed with those values empty; None where they can't be found in its text."""
    values = {(str(path[-1]), value) for path in secrets if isinstance(value := at(seed.document, path), str)}
    text, spans = seed.text, []
    unit = len(" ".encode(seed.encoding))
    pieces, end = [], 0
    for start, stop, key, value in _values(text):
        if (key, value) not in values:
            continue
        before = len(seed.mark) + len(text[:start].encode(seed.encoding))
        length = len(text[start:stop].encode(seed.encoding))
        pieces += [text[end:start], '""', " " * (length // unit - 2)]
        spans.append((before, before + length))
        end = stop
    data = seed.encoded("".join([*pieces, text[end:]]))
    return Blanked(data, tuple(spans)) if _as_meant(seed, data, secrets) else None


def at(document: Any, path: Path_) -> Any:
    """What lies there; None where nothing does."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(str(step)) if isinstance(step, str) else None
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return None
    return document


def without(document: Any, secrets: Collection[Path_], here: Path_ = ()) -> Any:
    """A document with those values empty."""
    if here in secrets:
        return ""
    if isinstance(document, dict):
        return {key: without(value, secrets, (*here, key)) for key, value in document.items()}
    if isinstance(document, list):
        return [without(value, secrets, (*here, index)) for index, value in enumerate(document)]
    return document


def _values(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Every text in the file that is a key's value: from, up to, the key, what it says."""
    for token in _TOKEN.finditer(text):
        key = _KEY.search(text, max(0, text.rfind("\n", 0, token.start())), token.start())
        if token["string"] is None or key is None:
            continue
        value = tomllib.loads(f"x = {token['string']}")["x"]
        yield token.start(), token.end(), next(name for name in key.groups() if name is not None), value


def _as_meant(seed: SeedText, data: bytes, secrets: Collection[Path_]) -> bool:
    if len(data) != len(seed.data):
        return False
    try:
        found: dict[str, Any] = tomllib.loads(data[len(seed.mark) :].decode(seed.encoding))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    wanted: dict[str, Any] = without(seed.document, secrets)
    return found == wanted
