"""Makes a wheel of llama-cpp-python out of its sources and of libraries that were compiled for 64-bit ARM."""

import argparse
import sys
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from image.wheel import write_wheel

TAG: Final = "py3-none-manylinux_2_36_aarch64"
"""The libraries ask for no newer C library than that of Debian 12, whose compiler makes them."""


def wheel_of(source: Path, libraries: Path, output: Path) -> Path:
    """The wheel's path. `source` is the unpacked source distribution, `libraries` holds the `.so` files."""
    about = (source / "PKG-INFO").read_bytes()
    facts = HeaderParser().parsestr(about.decode())
    package = source / "llama_cpp"
    files = {f"llama_cpp/{file.relative_to(package)}": file.read_bytes() for file in package.rglob("*.py")}
    files["llama_cpp/py.typed"] = b""
    files |= {f"llama_cpp/lib/{file.name}": file.read_bytes() for file in libraries.glob("*.so")}
    licences = {"LICENSE.md": source / "LICENSE.md", "LICENSE.llama.cpp": source / "vendor/llama.cpp/LICENSE"}
    return write_wheel(
        output,
        name=facts["Name"],
        version=facts["Version"],
        tag=TAG,
        metadata=about,
        files=files,
        licences={name: file.read_bytes() for name, file in licences.items()},
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the unpacked source distribution")
    parser.add_argument("libraries", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args(arguments)
    print(wheel_of(options.source, options.libraries, options.output))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(f"error: {error}")
