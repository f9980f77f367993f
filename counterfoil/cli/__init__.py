"""The ``counterfoil`` command: it parses, calls one use case, shows."""
