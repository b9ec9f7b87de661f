"""The language a house is recognised in: its trigram model and dictionary, built from its words and the phrases."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.speech.stt.ngrams import CALL, CALLS, END, START, Compiler, Mixture, TrigramModel
from edge.speech.stt.patterns import Classes, Words, load_phrases
from edge.speech.stt.pronunciation import Pronunciations, pronounced

_MODEL: Final = "house.arpa"
_DICTIONARY: Final = "house.dict"


@dataclass(frozen=True, slots=True)
class Language:
    """Files of a language, and what it was made with."""

    model: Path
    dictionary: Path
    words: int
    trigrams: TrigramModel


def build(classes: Classes, known_words: Path, folder: Path, mixture: Mixture | None = None) -> Language:
    """Write the language of a house into `folder`; `known_words` is the acoustic model's own dictionary."""
    sentences = Compiler(load_phrases(), classes).sentences()
    trigrams = TrigramModel(sentences, {}, mixture or Mixture())
    words = [word for word in trigrams.single if word not in (START, END)]
    calls = classes.get(CALLS, {})
    said = dict(pronounced({*words, *(word for call in calls for word in call)} - {CALL}, known_words))
    if calls:
        said[CALL] = _ends(calls, said)
    said = {word: said[word] for word in words}
    lines = []
    for word, ways in sorted(said.items()):
        lines += [f"{word}{f'({number})' if number > 1 else ''} {phones}" for number, phones in enumerate(ways, 1)]
    dictionary = folder / _DICTIONARY
    dictionary.write_text("\n".join(lines) + "\n", "utf-8")
    model = folder / _MODEL
    with model.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in trigrams.arpa())
    return Language(model, dictionary, len(words), trigrams)


def _ends(calls: Iterable[Words], said: Mapping[str, Pronunciations]) -> Pronunciations:
    """How the ends of wake words sound, and all of them: where one was cut off is not known."""
    ends: dict[str, None] = {}
    for call in calls:
        phones = " ".join(said[word][0] for word in call).split()
        ends |= dict.fromkeys(" ".join(phones[at:]) for at in range(len(phones) - 1))
    return tuple(ends)


def classes_to_json(classes: Classes) -> str:
    """Classes as one line of JSON."""
    return json.dumps({name: [[*words, weight] for words, weight in of.items()] for name, of in classes.items()})


def classes_from_json(text: str) -> Classes:
    """What `classes_to_json` wrote; raises ValueError, TypeError or AttributeError for anything else."""
    plain: Mapping[str, Any] = json.loads(text)
    return {
        name: {tuple(str(word) for word in phrase[:-1]): float(phrase[-1]) for phrase in of}
        for name, of in plain.items()
    }
