"""How commands find their installation and say what they did."""

from __future__ import annotations

import json
import os

import click

from openredress_api.foundation.installation import Installation
from openredress_api.foundation.postgres.folders import default_data_dir
from openredress_api.settings import Settings, read_settings


def settings() -> Settings:
    """The settings of this process's environment."""
    return read_settings(os.environ, default_data_dir=default_data_dir())


def installation(*, create: bool = False) -> Installation:
    """The installation of this environment, its own server running."""
    found = Installation.open(settings(), create=create)
    if found.cluster is not None:
        found.cluster.ensure_running()
    return found


def say(**facts: object) -> None:
    """Print facts as one JSON object: readable by people and by scripts."""
    click.echo(json.dumps(facts))
