"""What a seed asks of the machine itself; every other table of it is settings of the service."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from edge.appliance.i2c import Chip
from edge.appliance.seed.blanking import Path_
from edge.settings.problems import near_miss

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_HEX_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")
_KEY_LINE: Final = re.compile(
    r"(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"
    r" [A-Za-z0-9+/]{40,2000}={0,3}( [^\x00-\x1f\x7f]{0,200})?"
)
PASSWORD: Final = re.compile(r"[\x21-\x7e]{16,200}")
"""What may be a password of the page and the broker: long enough that nobody guesses it."""
_MOST_NETWORKS: Final = 16
_MOST_CHIPS: Final = 64
_ONE_WIRE_PIN: Final = 4
"""Where everybody hangs it."""
_PINS: Final = range(28)
"""Those of a Raspberry Pi's header."""

OWN_KEYS: Final = ("name", "password", "wifi", "ssh", "bluetooth", "i2c", "one_wire")
SETTINGS_SECRETS: Final[dict[Path_, str]] = {
    ("mqtt", "password"): "password_file",
    ("homeassistant", "token"): "token_file",
    ("confirm", "pin"): "pin_file",
}
"""Secrets among the settings, and the key beside each that names a file in its place."""


@dataclass(frozen=True, slots=True)
class Network:
    """A wireless network."""

    ssid: str
    password: str = ""
    """Empty: one that was moved away before, or none."""
    hidden: bool = False
    wpa3: bool = False


@dataclass(frozen=True, slots=True)
class Seed:
    """What is asked for; what could not be understood is left out and in the problems."""

    name: str | None = None
    password: str = ""
    networks: tuple[Network, ...] = ()
    country: str | None = None
    ssh: bool = False
    ssh_keys: tuple[str, ...] = ()
    bluetooth: bool = False
    i2c: tuple[Chip, ...] = ()
    """Chips whose drivers are to take them."""
    one_wire: int | None = None
    """The pin that a 1-wire bus hangs at, as Broadcom counts them."""


class _Reader:
    """Takes keys out of a table, and notes what is wrong with them."""

    def __init__(self, table: dict[str, Any], where: str, problems: list[str]) -> None:
        self._table = table
        self._where = where
        self._problems = problems
        self._known: list[str] = []

    def text(self, key: str, check: Callable[[str], str | None] | None = None) -> str | None:
        """A text; `check` says what is wrong with it, if something is."""
        value = self._take(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.note(key, 'expected text in quotes ("…")')
            return None
        if check is not None and (wrong := check(value)):
            self.note(key, wrong)
            return None
        return value

    def flag(self, key: str) -> bool:
        """true or false."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.note(key, "expected true or false, without quotes")
        return False

    def pin(self, key: str, usual: int) -> int | None:
        """A pin by its number; true is the usual one."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return usual if value else None
        if isinstance(value, int) and value in _PINS:
            return value
        self.note(key, f"expected true, or the number of a pin ({_PINS.start} to {_PINS.stop - 1}, as in GPIO {usual})")
        return None

    def texts(self, key: str) -> list[str]:
        """A list of texts; one text will do."""
        value = self._take(key)
        if isinstance(value, str):
            return [value]
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return value
        if value is not None:
            self.note(key, 'expected texts in quotes: ["…"]')
        return []

    def note(self, key: str, wrong: str) -> None:
        """Something is wrong with a key."""
        self._problems.append(f"{self._where}{key}: {wrong}")

    def unknown(self) -> None:
        """Note every key that nobody has asked for."""
        for key in self._table:
            if key not in self._known:
                self.note(key, "is not a key of this table" + near_miss(key, self._known))

    def _take(self, key: str) -> Any:
        self._known.append(key)
        return self._table.get(key)


def read_own(document: dict[str, Any]) -> tuple[Seed, list[str]]:
    """What the seed asks of the machine, and what is wrong with that."""
    problems: list[str] = []
    top = _Reader({key: document[key] for key in OWN_KEYS if key in document}, "", problems)
    networks, country = _wifi(document.get("wifi"), problems)
    ssh_on, keys = _ssh(document.get("ssh"), problems)
    seed = Seed(
        name=top.text("name", _wrong_name),
        password=top.text("password", _wrong_password) or "",
        networks=networks,
        country=country,
        ssh=ssh_on and bool(keys),
        ssh_keys=keys,
        bluetooth=top.flag("bluetooth"),
        i2c=_chips(top),
        one_wire=top.pin("one_wire", _ONE_WIRE_PIN),
    )
    return seed, problems


def _chips(top: _Reader) -> tuple[Chip, ...]:
    texts = top.texts("i2c")[:_MOST_CHIPS]
    chips = [(text, Chip.parse(text)) for text in texts]
    for text, chip in chips:
        if chip is None:
            top.note("i2c", f'{text[:40]!r}: expected a chip and its address, such as "bme280@0x76"')
    return tuple(dict.fromkeys(chip for _, chip in chips if chip is not None))


def settings_of(document: dict[str, Any]) -> dict[str, Any]:
    """The rest, which is the service's."""
    return {key: value for key, value in document.items() if key not in OWN_KEYS}


def secrets_of(document: dict[str, Any]) -> tuple[Path_, ...]:
    """Where in the document secrets stand."""
    found: list[Path_] = [("password",)] if _secret(document.get("password")) else []
    wifi = document.get("wifi")
    if isinstance(wifi, dict) and _secret(wifi.get("password")):
        found.append(("wifi", "password"))
    if isinstance(wifi, list):
        found += [
            ("wifi", index, "password")
            for index, one in enumerate(wifi)
            if isinstance(one, dict) and _secret(one.get("password"))
        ]
    for table, key in SETTINGS_SECRETS:
        values = document.get(str(table))
        if isinstance(values, dict) and _secret(values.get(str(key))):
            found.append((table, key))
    return tuple(found)


def _secret(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _wifi(given: Any, problems: list[str]) -> tuple[tuple[Network, ...], str | None]:
    if given is None:
        return (), None
    tables = given if isinstance(given, list) else [given]
    if not all(isinstance(one, dict) for one in tables):
        problems.append('wifi: expected a table: [wifi], and below it ssid = "…" and password = "…"')
        return (), None
    networks, country = [], None
    for index, table in enumerate(tables[:_MOST_NETWORKS]):
        reader = _Reader(table, f"wifi[{index}]." if isinstance(given, list) else "wifi.", problems)
        ssid = reader.text("ssid", _wrong_ssid)
        password = reader.text("password", _wrong_key) or ""
        country = reader.text("country", _wrong_country) or country
        network = Network(ssid or "", password, reader.flag("hidden"), reader.flag("wpa3"))
        reader.unknown()
        if ssid:
            networks.append(network)
        elif not table.get("ssid") and (password or network.hidden):
            reader.note("ssid", "is missing: the name of the network")
    return tuple(networks), country


def _ssh(given: Any, problems: list[str]) -> tuple[bool, tuple[str, ...]]:
    if given is None:
        return False, ()
    if not isinstance(given, dict):
        problems.append('ssh: expected a table: [ssh], and below it enabled = true and keys = ["ssh-ed25519 …"]')
        return False, ()
    reader = _Reader(given, "ssh.", problems)
    enabled, lines = reader.flag("enabled"), [line.strip() for line in reader.texts("keys") if line.strip()]
    reader.unknown()
    good = tuple(line for line in lines if _KEY_LINE.fullmatch(line))
    for line in lines:
        if line not in good:
            reader.note("keys", f"{line[:24]!r}… is no public key: expected a line such as those of id_ed25519.pub")
    if enabled and not good:
        reader.note("enabled", "needs a public key in `keys`; there is no password for SSH, so it stays off")
    return enabled, good


def _wrong_name(value: str) -> str | None:
    return None if _NAME.fullmatch(value) else "expected at most 63 of a-z, 0-9 and -, such as edge or kitchen-hub"


def _wrong_password(value: str) -> str | None:
    return None if PASSWORD.fullmatch(value) else "expected 16 to 200 letters, digits or signs, without blanks"


def _wrong_ssid(value: str) -> str | None:
    return None if len(value.encode()) <= 32 and value.isprintable() else "expected at most 32 bytes"


def _wrong_key(value: str) -> str | None:
    if _HEX_KEY.fullmatch(value) or (8 <= len(value) <= 63 and value.isascii() and value.isprintable()):
        return None
    return "expected the network's password: 8 to 63 letters, digits or signs"


def _wrong_country(value: str) -> str | None:
    return None if _COUNTRY.fullmatch(value) else 'expected two capital letters, such as "GB"'


def spellings(document: dict[str, Any], known: Iterator[str]) -> list[str]:
    """A note for each table or key at the top that is neither the machine's nor the service's."""
    names = [*OWN_KEYS, *known]
    return [f"{key}: is no key here{near_miss(key, names)}" for key in document if key not in names]
