"""Where data lies when nobody says so, and how its folder is made."""

from __future__ import annotations

import os
from pathlib import Path

from openredress_api.foundation.postgres.faults import DataFolderUnusable

OTHER_FOLDER = "Set OPENREDRESS_DATA_DIR to a folder"
"""How each advice about an unusable data folder begins."""


def default_data_dir() -> Path:
    """Name the folder for all data where no setting does: the system's for root, else our own."""
    if os.geteuid() == 0:
        return Path("/var/lib/openredress")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "openredress"


def make_folder(folder: Path) -> None:
    """Make `folder` (0700) and what is missing above it; as root the latter can be passed (0711).

    Folders that exist stay as they are. Raises DataFolderUnusable.
    """
    above = 0o711 if os.geteuid() == 0 else 0o700
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
            if path != folder:
                path.chmod(above)  # whatever the umask says
    except OSError as fault:
        raise DataFolderUnusable(
            f"The data folder {folder} cannot be made: {fault}. {OTHER_FOLDER} that you may write."
        ) from fault
