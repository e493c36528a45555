"""A scratch installation with an institute, a supplier and real clients of both."""

from __future__ import annotations

import os
import random
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openredress import Client, scopes
from openredress.keys import PrivateKey
from openredress_api import access, organisations
from openredress_api.foundation.installation import Installation
from openredress_api.settings import read_settings

SERVER = str(Path(sys.executable).with_name("openredress-server"))
_OUTSIDE_EPHEMERAL = range(20_000, 32_000)


@dataclass(frozen=True)
class Member:
    """An organisation's client: its id and where its private key lies."""

    client_id: str
    key: Path
    scopes: tuple[str, ...]

    def client(self, base_url: str) -> Client:
        """The SDK's client, as the organisation's own software makes it."""
        return Client(
            base_url, self.client_id, scopes=self.scopes, key=PrivateKey.from_file(self.key)
        )


@dataclass(frozen=True)
class Scratch:
    """An installation in a folder of its own, its database server running."""

    folder: Path
    port: int
    environment: dict[str, str]
    installation: Installation
    institute: Member
    supplier: Member

    @property
    def base_url(self) -> str:
        """Where `serve` answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pgdata(self) -> Path:
        """The data folder of the database server."""
        assert self.installation.cluster is not None
        return self.installation.cluster.pgdata


def free_port() -> int:
    """A free port that no outgoing connection takes while its server is being restarted."""
    while True:
        port = random.choice(_OUTSIDE_EPHEMERAL)  # noqa: S311 - guards nothing
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@contextmanager
def scratch_installation() -> Iterator[Scratch]:
    """Make it; at the end stop its database server and remove the folder."""
    # A short path that the database server's user can pass, should we be root.
    folder = Path(tempfile.mkdtemp(prefix="or-"))
    folder.chmod(0o711)
    try:
        port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if "OPENREDRESS" not in name},
            "OPENREDRESS_DATA_DIR": str(folder),
            "OPENREDRESS_ENVIRONMENT": "development",
            "OPENREDRESS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        settings = read_settings(environment, default_data_dir=folder)
        installation = Installation.open(settings, create=True)
        try:
            installation.prepare()
            institute = _member(installation, folder, "institute", scopes.INSTITUTE)
            supplier = _member(installation, folder, "supplier", scopes.SUPPLIER)
            yield Scratch(folder, port, environment, installation, institute, supplier)
        finally:
            assert installation.cluster is not None
            installation.cluster.stop()
    finally:
        shutil.rmtree(folder)


def _member(installation: Installation, folder: Path, kind: str, may: tuple[str, ...]) -> Member:
    key = PrivateKey.generate()
    file = folder / f"{kind}.pem"
    key.to_file(file)
    with installation.as_owner() as connection:
        organisation_id = organisations.add_organisation(
            connection, installation.sealer, kind=kind, name=kind, country="TH", is_sandbox=False
        )
        person_id = organisations.add_person(
            connection, organisation_id, name="A person", duties=()
        )
        client_id, _ = access.add_client(
            connection,
            organisation_id,
            name="crash",
            person_id=person_id,
            scopes=may,
            jwk=key.public_jwk(),
            is_sandbox=False,
        )
    return Member(client_id, file, may)
