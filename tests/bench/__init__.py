"""How fast the real parts are: ``make bench``, and ``make bench ARGS="orders tickets"`` for some.

A benchmark is a module ``bench_NAME.py`` here with a function ``measure()`` that yields figures.
Each starts and ends its own chain, IPFS and services. None is ever a test: how long a thing takes
depends on the machine, so a figure stands beside a yardstick that the same run measured.
"""
