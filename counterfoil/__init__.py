"""Points as cash and work tickets on an EVM chain: the library behind every Counterfoil program."""

__version__ = "0.1.0"
