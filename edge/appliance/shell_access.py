"""SSH with keys alone, where the seed asks for it; otherwise it stays off."""

from edge.appliance.files import write_private
from edge.appliance.places import Machine
from edge.appliance.running import Runner


def open_shell(machine: Machine, keys: tuple[str, ...], run: Runner) -> None:
    """Let these keys in, with a host key that is made once. Raises OSError or `ApplianceError`."""
    write_private(machine.run / "authorized_keys", "".join(f"{key}\n" for key in keys).encode())
    host_key = machine.config / "ssh/ssh_host_ed25519_key"
    if not host_key.is_file() or not host_key.with_suffix(".pub").is_file():
        host_key.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = host_key.with_name("fresh")
        for left in (fresh, fresh.with_suffix(".pub")):
            left.unlink(missing_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "edge", "-f", str(fresh)])
        fresh.with_suffix(".pub").replace(host_key.with_suffix(".pub"))
        fresh.replace(host_key)
    run(["systemctl", "start", "--no-block", "ssh.service"])


def close_shell(machine: Machine) -> None:
    """Let nobody in. Raises OSError."""
    (machine.run / "authorized_keys").unlink(missing_ok=True)
