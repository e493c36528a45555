"""Where a push stands, in a small file beside the data: one that was killed goes on from there."""

from __future__ import annotations

import json
import os
from os import PathLike, fspath

from openredress.records import Record


class Bookmark:
    """The state file of one push: `key` is the digest of file and parameters it is good for."""

    def __init__(self, file: str | PathLike[str], key: str) -> None:
        self._file = fspath(file)
        self._key = key

    def read(self) -> str | None:
        """The id of the import that was begun; None if there is none, or it was for another file.

        Raises:
            OSError: the file is there and cannot be read.
            ValueError: something else stands in it.
        """
        try:
            with open(self._file, encoding="utf-8") as file:  # noqa: PTH123 - any path
                state = json.load(file)
        except FileNotFoundError:
            return None
        except ValueError:
            state = None
        if not isinstance(state, dict) or "import" not in state:
            raise ValueError(f"{self._file} is no state of an import; name another file")
        return str(state["import"]) if state.get("key") == self._key else None

    def write(self, imported: Record, sha256: str) -> None:
        """Note how much has arrived; a reader finds the old state or the new one, nothing else."""
        state = {
            "import": imported.id,
            "key": self._key,
            "sha256": sha256,
            "size": imported.size,
            "offset": imported.received,
        }
        written = f"{self._file}.new"
        with open(written, "w", encoding="utf-8") as file:  # noqa: PTH123 - any path
            json.dump(state, file)
        os.replace(written, self._file)  # noqa: PTH105 - any path
