"""Write every expected file anew: ``python -m tests.support.expectations``."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.expectations.files import EXAMPLES, expected, written


def main() -> None:
    """Write the files as they are today and name each on stdout."""
    for path, content in expected(datetime.now(UTC).date()).items():
        path.write_text(written(content), encoding="utf-8")
        print(path.relative_to(EXAMPLES.parent))


if __name__ == "__main__":
    main()
