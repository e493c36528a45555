"""`make crash`: kill API, worker and database under load, then count what was lost."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # a script is started in its own folder

from tests.reliability.proof import main

if __name__ == "__main__":
    sys.exit(main())
