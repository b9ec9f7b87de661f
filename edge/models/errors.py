"""What goes wrong with the models that a person keeps."""

from edge.errors import EdgeError


class ModelError(EdgeError):
    """The store can't do what was asked; the message says which model or file, why, and what to do."""
