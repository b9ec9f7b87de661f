"""`python -m edge`: the `edge` command, for where its script is not on the path."""

import sys

from edge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
