"""Whether the router's weights are those that were shipped, and answer as they did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground
from edge.health.patience import within

if TYPE_CHECKING:
    from edge.router.golden import Golden

HEAVY: Final = True
PATIENCE_S: Final = 4.2
_ANSWER_S: Final = 2.8
_CHECK: Final = "router"
_REMEDY: Final = "Install it again: edge update --apply BUNDLE --again, or pip install --force-reinstall edge-assistant"


@dataclass(frozen=True, slots=True)
class RouterFacts:
    """What comparing gave."""

    changed: tuple[str, ...] = ()
    """Files that are others than were shipped, or are gone."""
    trouble: str = ""
    """Why the weights can't be used at all."""
    wrong: tuple[str, ...] = ()
    """Sentences that are answered otherwise than they were, each with how."""
    sentences: int = 0


async def look(ground: Ground) -> RouterFacts:
    """Hashes the weights, then loads them and has them read a few sentences, as far as there is time."""
    from edge.router import golden

    try:
        known = await ground.aside(golden.known)
        changed: tuple[str, ...] = await ground.aside(_changed, known)
        asking = ground.aside(golden.answers)
        answers = await (asking if ground.deep else within(_ANSWER_S, asking))
    except TimeoutError:
        return RouterFacts(changed)
    except EdgeError as error:
        return RouterFacts(trouble=str(error))
    return RouterFacts(changed, "", _otherwise(known, answers), len(known.answers))


def check(facts: RouterFacts) -> Iterator[Finding]:
    """One finding."""
    if facts.trouble:
        yield problem(_CHECK, "The router's weights can't be loaded: no sentence is understood", _REMEDY, facts.trouble)
    elif facts.changed:
        others = (
            f"; it answers {len(facts.wrong)} of {facts.sentences} known sentences otherwise" if facts.wrong else ""
        )
        text = f"The router's weights are damaged: {', '.join(facts.changed)} differ from what was shipped{others}"
        yield problem(_CHECK, text, _REMEDY, "; ".join(facts.wrong))
    elif facts.wrong:
        text = f"The router answers {len(facts.wrong)} of {facts.sentences} known sentences otherwise than it should"
        yield problem(_CHECK, text, _REMEDY, "; ".join(facts.wrong))
    elif not facts.sentences:
        yield fine(_CHECK, "The router's weights are those that were shipped; they were not tried in the time there is")
    else:
        yield fine(
            _CHECK, f"The router's weights are those that were shipped, and answer {facts.sentences} sentences so"
        )


def _changed(known: "Golden") -> tuple[str, ...]:
    from edge.router import golden

    now = golden.digests()
    return tuple(name for name, digest in known.digests.items() if now.get(name) != digest)


def _otherwise(known: "Golden", answers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(
        f"“{text}”: {' '.join(answers.get(text, ())) or 'nothing'} instead of {' '.join(tokens)}"
        for text, tokens in known.answers.items()
        if answers.get(text) != tokens
    )
