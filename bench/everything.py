"""All figures of pages, making and resting in one table, ready to be put into README.md.

.venv/bin/python bench/everything.py [--quick] [10000 100000 1000000]
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import making, pages, resting  # noqa: E402


def main(sizes: list[int], seconds: int) -> None:
    pages.main(sizes, seconds)
    making.main(pages.ORGANISATIONS)
    resting.main()


if __name__ == "__main__":
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: sudo apt-get install wrk")
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    main(numbers or [10_000, 100_000, 1_000_000], 1 if "--quick" in sys.argv else 2)
