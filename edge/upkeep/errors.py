"""What can go wrong with updates, backups and restoring."""

from edge.errors import EdgeError


class UpdateError(EdgeError):
    """An update can't be made, or was taken back."""


class BundleError(UpdateError):
    """A bundle is not what it should be: damaged, not signed by anyone known, or not for this machine."""


class AlreadyError(BundleError):
    """What it brings runs already."""


class SignatureError(BundleError):
    """A key or a signature is damaged, unknown or wrong."""


class BackupError(EdgeError):
    """A backup can't be made, read or restored."""
