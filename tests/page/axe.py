"""axe-core, which looks for what keeps people from using a page: fetched from npm's registry, pinned, never shipped.

    python -m tests.page.axe

puts it into this Python's environment, where the tests look for it. Its licence is MPL 2.0.
"""

import base64
import hashlib
import io
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Final

VERSION: Final = "4.14.1"
ADDRESS: Final = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
SHA512: Final = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""Of the archive, as npm's registry tells it."""
FILE: Final = Path(sys.prefix) / "share" / f"axe-core-{VERSION}.min.js"
MOST_BYTES: Final = 32 << 20


def fetch() -> None:
    """Have it in its place; raises SystemExit where it is not what was pinned."""
    if FILE.is_file():
        return
    with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
        archive = answer.read(MOST_BYTES)
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != SHA512:
        raise SystemExit(f"{ADDRESS} is not what it was: look before you change the checksum")
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
        found = members.extractfile("package/axe.min.js")
        assert found is not None
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_bytes(found.read())


if __name__ == "__main__":
    fetch()
