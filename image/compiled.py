"""Makes wheels of what was compiled here for 64-bit ARM: llama-cpp-python and lgpio have none of their own."""

import argparse
import sys
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from image.wheel import write_wheel

LLAMA_TAG: Final = "py3-none-manylinux_2_36_aarch64"
LGPIO_TAG: Final = "cp313-cp313-manylinux_2_36_aarch64"
"""Neither asks for a newer C library than that of Debian 12, whose compiler may have made them."""


def llama_wheel(source: Path, output: Path) -> Path:
    """The wheel's path. `source` is the unpacked source distribution, with the compiled libraries in `libraries/`."""
    package = source / "llama_cpp"
    files = {f"llama_cpp/{file.relative_to(package)}": file.read_bytes() for file in package.rglob("*.py")}
    files["llama_cpp/py.typed"] = b""
    files |= {f"llama_cpp/lib/{file.name}": file.read_bytes() for file in (source / "libraries").glob("*.so")}
    licences = {"LICENSE.md": source / "LICENSE.md", "LICENSE.llama.cpp": source / "vendor/llama.cpp/LICENSE"}
    return _wheel(source, output, LLAMA_TAG, files, licences)


def lgpio_wheel(source: Path, output: Path) -> Path:
    """The wheel's path. `source` is the unpacked source distribution, with `lgpio.py` and `_lgpio.so` made in it."""
    module = (source / "lgpio.py").read_bytes()
    files = {"lgpio.py": module, "_lgpio.cpython-313-aarch64-linux-gnu.so": (source / "_lgpio.so").read_bytes()}
    return _wheel(source, output, LGPIO_TAG, files, {"LICENSE": source / "LICENSE"})


def _wheel(source: Path, output: Path, tag: str, files: dict[str, bytes], licences: dict[str, Path]) -> Path:
    about = (source / "PKG-INFO").read_bytes()
    facts = HeaderParser().parsestr(about.decode())
    texts = {name: file.read_bytes() for name, file in licences.items()}
    name, version = facts["Name"], facts["Version"]
    return write_wheel(output, name=name, version=version, tag=tag, metadata=about, files=files, licences=texts)


MAKERS: Final = {"llama": llama_wheel, "lgpio": lgpio_wheel}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", choices=MAKERS)
    parser.add_argument("source", type=Path, help="the unpacked source distribution")
    parser.add_argument("output", type=Path)
    options = parser.parse_args(arguments)
    print(MAKERS[options.package](options.source, options.output))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(f"error: {error}")
