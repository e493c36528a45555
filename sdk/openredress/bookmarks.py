"""Where something stands, in a small file: what was killed goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any

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
        state = _read(self._file, "import", "an import")
        return str(state["import"]) if state and state.get("key") == self._key else None

    def write(self, imported: Record, sha256: str) -> None:
        """Note how much has arrived; a reader finds the old state or the new one, nothing else."""
        state = {
            "import": imported.id,
            "key": self._key,
            "sha256": sha256,
            "size": imported.size,
            "offset": imported.received,
        }
        _write(self._file, state)


class Place:
    """How far a feed was read: `whose` names the server and the client whose feed it is."""

    def __init__(self, file: str | PathLike[str], whose: str) -> None:
        self._file = fspath(file)
        self._whose = whose

    def read(self) -> str | None:
        """The position that was noted last; None if none was.

        Raises:
            OSError: the file is there and cannot be read.
            ValueError: it is the state of another feed, or something else.
        """
        state = _read(self._file, "position", "a feed")
        if state and state.get("feed") != self._whose:
            raise ValueError(f"{self._file} belongs to {state.get('feed')}, not to {self._whose}")
        return str(state["position"]) if state else None

    def write(self, position: str) -> None:
        """Note a position; it survives a loss of power."""
        _write(self._file, {"position": position, "feed": self._whose})


def _read(name: str, member: str, of: str) -> dict[str, Any] | None:
    try:
        with open(name, encoding="utf-8") as file:  # noqa: PTH123 - any path
            state = json.load(file)
    except FileNotFoundError:
        return None
    except ValueError:
        state = None
    if not isinstance(state, dict) or member not in state:
        raise ValueError(f"{name} is no state of {of}; name another file")
    return state


def _write(name: str, state: Mapping[str, object]) -> None:
    written = f"{name}.new"
    with open(written, "w", encoding="utf-8") as file:  # noqa: PTH123 - any path
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(written, name)  # noqa: PTH105 - any path
