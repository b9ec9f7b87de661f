"""Wireless networks for NetworkManager: files that hold until the next start, so no password lies twice."""

import contextlib
import re
import uuid
from typing import Final

from edge.appliance.errors import ApplianceError
from edge.appliance.files import PRIVATE, line, write_private
from edge.appliance.places import Machine
from edge.appliance.running import Runner
from edge.appliance.seed.model import Network

_PREFIX: Final = "edge-wifi-"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]([A-Za-z0-9_. -]*[A-Za-z0-9_.-])?")
_NAMESPACE: Final = uuid.UUID("5f0e5c4e-53b5-4a7c-9f3e-6e1d2b1f7a10")


def profile(network: Network, password: str, order: int) -> str:
    """NetworkManager's keyfile (nm-settings-keyfile(5)); the first network of a seed is preferred."""
    identity = uuid.uuid5(_NAMESPACE, network.ssid)
    lines = [
        "[connection]",
        f"id={_PREFIX}{order}",
        f"uuid={identity}",
        "type=wifi",
        f"autoconnect-priority={100 - order}",
        "autoconnect-retries=0",
        "",
        "[wifi]",
        "mode=infrastructure",
        f"ssid={_ssid(network.ssid)}",
        "powersave=2",
    ]
    lines += ["hidden=true"] if network.hidden else []
    if password:
        management = "sae" if network.wpa3 else "wpa-psk"
        lines += ["", "[wifi-security]", f"key-mgmt={management}", f"psk={_escaped(password)}"]
    return "\n".join([*lines, "", "[ipv4]", "method=auto", "", "[ipv6]", "method=auto", ""])


def apply_networks(machine: Machine, networks: list[tuple[Network, str]]) -> int:
    """Write the profiles, before NetworkManager starts; how many. Raises OSError."""
    directory = machine.root / "run/NetworkManager/system-connections"
    if not networks and not directory.is_dir():
        return 0
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    names = set()
    for order, (network, password) in enumerate(networks):
        file = directory / f"{_PREFIX}{order}.nmconnection"
        write_private(file, profile(network, password, order).encode(), PRIVATE)
        names.add(file.name)
    for left in directory.glob(f"{_PREFIX}*.nmconnection"):
        if left.name not in names:
            left.unlink()
    return len(names)


def allow_radio(machine: Machine, country: str | None, *, wifi: bool, bluetooth: bool, run: Runner) -> list[str]:
    """Which frequencies hold here, and which radios may send; what went wrong."""
    problems = []
    if country:
        # For a driver that is yet to come, and one that is there.
        drivers = machine.root / "run/modprobe.d"
        drivers.mkdir(mode=0o755, parents=True, exist_ok=True)
        (drivers / "edge-wifi.conf").write_text(f"options cfg80211 ieee80211_regdom={country}\n", "ascii")
        if (machine.root / "sys/module/cfg80211").is_dir():
            try:
                run(["iw", "reg", "set", country])
            except ApplianceError as error:
                problems.append(f"wifi.country: {error}")
    for switch in (machine.root / "sys/class/rfkill").glob("rfkill*"):
        kind = line(switch / "type")
        if kind == "bluetooth" or (kind == "wlan" and wifi):
            with contextlib.suppress(OSError):
                (switch / "soft").write_text("0" if kind == "wlan" or bluetooth else "1")
    return problems


def _ssid(ssid: str) -> str:
    """As it is where that can't be misread, else as a list of bytes."""
    return ssid if _PLAIN.fullmatch(ssid) else "".join(f"{byte};" for byte in ssid.encode())


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\")
    return "\\s" + escaped[1:] if escaped.startswith(" ") else escaped
