"""`python -m benchmarks.gate`: leave with 1 where a floor is not kept."""

import sys

from benchmarks.gate.floors import main

if __name__ == "__main__":
    sys.exit(main())
