"""``python -m counterfoil``: the ``counterfoil`` command."""

from counterfoil.cli.main import main

if __name__ == "__main__":
    main()
