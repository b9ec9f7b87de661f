"""A private assistant for a house, on a small computer and without the cloud."""

import os
from typing import Final

__version__: Final = "0.1.0"

# What happens here is nobody's business: some libraries tell their makers of their use, unless this is set before they
# are loaded. onnxruntime has done so on Linux since 1.29, with a database of it in the home directory.
for _name in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
    os.environ[_name] = "1"
