"""An emulated machine that starts from the image's own kernel: power on, talk to it, cut the power."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

QEMU: Final = "qemu-system-aarch64"
PROCESSOR: Final = "cortex-a76"
"""That of a Pi 5."""
_MARK: Final = "edge-shell-said"
_ESCAPES: Final = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\\\))|\r")
_SHELL_PORT: Final = "hvc0"
_GREETING: Final = (
    b"\nstty -echo 2>/dev/null; export TERM=dumb PAGER=cat PS1= PS2= SYSTEMD_COLORS=0\necho edge-sh''ell\n"
)


class MachineError(Exception):
    """What the machine did not do, and what its console said last."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """What is started: taken out of the image's boot partition."""

    kernel: Path
    initrd: Path
    command_line: str


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass(slots=True)
class Machine:
    """A machine that is on between `power_on` and `cut`. Its network reaches this host's forwarded ports alone."""

    kernel: Kernel
    disk: Path
    directory: Path
    """Console log and sockets lie there."""
    guest_ports: tuple[int, ...] = (1883, 8080)
    processors: int = 2
    memory_mib: int = 1024
    processor: str = PROCESSOR
    extra_drives: tuple[Path, ...] = ()
    command_line: str = ""
    write_log: Path | None = None
    """Where every write to the disk is noted down, in the format of dm-log-writes."""
    ports: dict[int, int] = field(default_factory=dict)
    """Ports of this host by those of the guest."""
    started: float = 0.0
    """Monotonic time of power on."""
    starts: int = 0
    _process: "subprocess.Popen[bytes] | None" = None
    _shell: socket.socket | None = None
    _asked: int = 0

    def __enter__(self) -> Self:
        self.power_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    @property
    def console(self) -> Path:
        """What it wrote to its serial line since power on."""
        return self.directory / f"console-{self.starts}.log"

    @property
    def running(self) -> bool:
        """Whether it is on."""
        return self._process is not None and self._process.poll() is None

    @property
    def up_s(self) -> float:
        """Seconds since power on."""
        return time.monotonic() - self.started

    @property
    def processor_s(self) -> float:
        """Seconds that this host's processors have worked for it since power on."""
        if self._process is None:
            return 0.0
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def power_on(self) -> None:
        """Start it. Raises `MachineError`."""
        if shutil.which(QEMU) is None:
            raise MachineError(f"{QEMU} is missing: apt-get install qemu-system-arm")
        self.starts += 1
        if not self.ports:
            self.ports = {port: free_port() for port in self.guest_ports}
        self._shell_path.unlink(missing_ok=True)
        self.started = time.monotonic()
        errors = (self.directory / "qemu.log").open("ab")
        self._process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        errors.close()

    def cut(self) -> None:
        """Take the power away, at once."""
        if self._shell is not None:
            self._shell.close()
            self._shell = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def run(self, command: str, timeout_s: float = 60.0) -> str:
        """What a command printed in the machine, run by its root. Raises `MachineError` where it fails or hangs."""
        status, output = self.attempt(command, timeout_s)
        if status:
            raise MachineError(f"`{command}` ended with status {status}: {output[-2000:]}")
        return output

    def attempt(self, command: str, timeout_s: float = 60.0) -> tuple[int, str]:
        """Exit status and output of a command in the machine. Raises `MachineError` where it hangs."""
        shell = self._connected(timeout_s)
        self._asked += 1
        mark = f"{_MARK}-{self._asked}"
        # The mark is put together by the shell, so that the echo of the command is not taken for its end.
        line = f"{{ {command}\n}} </dev/null 2>&1; printf '%s:%s:%s\\n' '{mark[:8]}''{mark[8:]}' $? end\n"
        shell.sendall(line.encode())
        wanted = re.compile(rf"{mark}:(\d+):end")
        said, deadline = "", time.monotonic() + timeout_s
        while (found := wanted.search(said)) is None:
            shell.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                received = shell.recv(65536)
            except TimeoutError:
                raise MachineError(f"`{command}` did not end within {timeout_s:.0f} s: {said[-500:]}") from None
            if not received:
                raise MachineError(f"the machine went away during `{command}`")
            said = said + _ESCAPES.sub("", received.decode("utf-8", "replace"))
        lines = said[: found.start()].split("\n")
        return int(found[1]), "\n".join(
            line for line in lines if mark[8:] not in line and "edge-sh" not in line
        ).strip()

    def tail(self, lines: int = 15) -> str:
        """The end of what the console shows."""
        with contextlib.suppress(OSError):
            text = _ESCAPES.sub("", self.console.read_text("utf-8", "replace"))
            return "\n".join(text.splitlines()[-lines:])
        return "(the console is empty)"

    def until(self, what: str, timeout_s: float, poll_s: float = 0.25) -> Iterator[None]:
        """Goes round until the caller breaks off; raises `MachineError` where the machine ends or time is up."""
        deadline = time.monotonic() + timeout_s
        while True:
            yield
            if not self.running:
                raise MachineError(f"the machine ended before {what}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise MachineError(f"{what}: not within {timeout_s:.0f} s:\n{self.tail()}")
            time.sleep(poll_s)

    @property
    def _shell_path(self) -> Path:
        return self.directory / "shell"

    def _connected(self, timeout_s: float) -> socket.socket:
        if self._shell is not None:
            return self._shell
        for _ in self.until("a shell in the machine answers", timeout_s):
            shell = socket.socket(socket.AF_UNIX)
            try:
                shell.connect(str(self._shell_path))
                shell.sendall(_GREETING)
                shell.settimeout(2.0)
                said = b""
                with contextlib.suppress(TimeoutError):
                    while b"edge-shell" not in said:
                        if not (received := shell.recv(4096)):
                            break
                        said += received
                if b"edge-shell" in said:
                    self._shell = shell
                    return shell
            except OSError:
                pass
            shell.close()
        raise AssertionError("until ends by raising")

    def _command(self) -> list[str]:
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{there}" for there, here in self.ports.items())
        append = (
            f"{self.kernel.command_line} console=ttyAMA0 systemd.debug_shell=1 systemd.default_debug_tty={_SHELL_PORT}"
        )
        return [
            QEMU,
            *("-M", "virt", "-cpu", self.processor, "-smp", str(self.processors), "-m", str(self.memory_mib)),
            *("-accel", "tcg,thread=multi,tb-size=512"),
            *("-kernel", str(self.kernel.kernel), "-initrd", str(self.kernel.initrd)),
            *("-append", f"{append} {self.command_line}".strip()),
            *self._disk_options(),
            *(
                word
                for number, drive in enumerate(self.extra_drives)
                for word in (
                    *("-drive", f"if=none,file={drive},format=raw,id=extra{number}"),
                    *("-device", f"virtio-blk-pci,drive=extra{number}"),
                )
            ),
            # Nothing outside can be reached: the machine is alone in the world but for the forwarded ports.
            *("-netdev", f"user,id=net,restrict=on{forwards}", "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-device", "virtio-rng-pci"),
            *("-chardev", f"socket,id=shell,path={self._shell_path},server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-device", "virtconsole,chardev=shell"),
            *("-serial", f"file:{self.console}", "-display", "none", "-monitor", "none", "-no-reboot"),
        ]

    def _disk_options(self) -> list[str]:
        node = f"driver=raw,node-name=disk,file.driver=file,file.filename={self.disk}"
        if self.write_log is not None:
            log = f"log.driver=file,log.filename={self.write_log},log-super-update-interval=1,log-sector-size=512"
            node = f"driver=blklogwrites,node-name=disk,file.driver=file,file.filename={self.disk},{log}"
        return ["-blockdev", node, "-device", "virtio-blk-pci,drive=disk"]
