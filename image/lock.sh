#!/usr/bin/env bash
# Refreshes what the image is made of: packages.lock (Debian) and wheels.lock (Python), both with digests.
#
#   image/lock.sh
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "Debian packages: image/packages.lock"
"$PYTHON" -m image.debian lock image/packages.txt image/packages.lock --directory "$CACHE/apt"

say "Python packages: image/wheels.lock"
tools
# llama-cpp-python and lgpio have no wheel for this machine: llama.sh and lgpio.sh compile them.
"$TOOLS/uv" pip compile --quiet --generate-hashes --only-binary :all: --no-binary llama-cpp-python --no-binary lgpio \
    --python-platform "$WHEEL_PLATFORM" --python-version "$WHEEL_PYTHON" --custom-compile-command image/lock.sh \
    --extra llm --extra speech --extra gpio --extra whisper --extra piper --upgrade \
    pyproject.toml --output-file image/wheels.lock
