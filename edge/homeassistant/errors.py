"""What can go wrong between us and Home Assistant."""

from edge.errors import EdgeError


class HomeAssistantError(EdgeError):
    """Something about Home Assistant or the connection to it."""


class TokenError(HomeAssistantError):
    """There is no token to show, or Home Assistant does not take it."""


class TooOldError(HomeAssistantError):
    """This Home Assistant lacks what the link can't do without."""


class NotHomeAssistantError(HomeAssistantError):
    """Something answers at the address, and it does not speak as Home Assistant does."""


class CertificateError(HomeAssistantError):
    """The certificate is not one to trust: expired, for another name, or signed by somebody unknown."""


class LostError(HomeAssistantError):
    """There is no connection, or it went while an answer was awaited."""


class RefusedError(HomeAssistantError):
    """Home Assistant answered a command with an error; `code` is its word for it."""

    def __init__(self, command: str, code: str, message: str) -> None:
        super().__init__(f"{command}: {message or code}")
        self.code = code

    @property
    def is_unknown_command(self) -> bool:
        """Whether this Home Assistant has never heard of the command."""
        return self.code == "unknown_command"

    @property
    def is_forbidden(self) -> bool:
        """Whether the token's user may not ask for it."""
        return self.code == "unauthorized"
