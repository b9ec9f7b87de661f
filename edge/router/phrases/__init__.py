"""Functions by sentence templates, for what the network has no token for.

May import the router's types, values and resolution.
"""

from edge.router.phrases.declared import PhraseFunction
from edge.router.phrases.filled import Where
from edge.router.phrases.pattern import TemplateError
from edge.router.phrases.recognise import Context, Phrases, load_phrases

__all__ = ["Context", "PhraseFunction", "Phrases", "TemplateError", "Where", "load_phrases"]
