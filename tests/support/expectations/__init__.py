"""What the sample files must lead to, worked out a second time.

Written from FORMATS alone, with exact fractions and plain dictionaries, and without a
single import from ``counterfoil``: where both agree, two independent readings agree.
``python -m tests.support.expectations`` writes the ``*.expected.json`` files in
``examples/``; ``tests/library/test_examples.py`` holds them to a fresh calculation.
"""
