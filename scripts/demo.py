"""Both flows on the sample files, on a private Ganache and Kubo: `make demo`."""

import sys

from counterfoil.cli.main import ended
from counterfoil.demo.play import play


def main() -> None:
    """Also: `brownie run demo --network ganache-cli`; the demo starts nodes of its own."""
    status = ended(play)
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()
