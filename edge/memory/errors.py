"""What can go wrong with what is to be remembered."""

from edge.errors import EdgeError


class RecollectionError(EdgeError):
    """Something can't be kept or read; says which file and what to do."""
