"""Promises about the client's key and its file."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from openredress import PrivateKey
from openredress.keys import Algorithm


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
@pytest.mark.parametrize("password", [None, "correct horse"])
def test_a_key_survives_its_file(
    tmp_path: Path, algorithm: Algorithm, password: str | None
) -> None:
    """A key written to a file, sealed or not, is read back as the same key of the same kind."""
    key = PrivateKey.generate(algorithm)
    key.to_file(tmp_path / "key.pem", password)
    again = PrivateKey.from_file(tmp_path / "key.pem", password)
    assert again.public_jwk() == key.public_jwk()
    assert again.algorithm == algorithm


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_key_file_is_its_owners(tmp_path: Path) -> None:
    """A new key file may be read by its owner only."""
    PrivateKey.generate().to_file(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    """A file that exists stays as it is: it may hold the only copy of a key."""
    (tmp_path / "key.pem").write_bytes(b"dear")
    with pytest.raises(FileExistsError):
        PrivateKey.generate().to_file(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_bytes() == b"dear"


def test_keys_the_server_would_refuse(tmp_path: Path) -> None:
    """A P-384 key, a short RSA key and a file that is no key are refused when they are read."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - made to be refused
    refused: list[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey] = [
        ec.generate_private_key(ec.SECP384R1()),
        short,
    ]
    pems = [
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        for key in refused
    ]
    for number, pem in enumerate([*pems, b"nothing"]):
        path = tmp_path / f"{number}.pem"
        path.write_bytes(pem)
        with pytest.raises(ValueError, match=r"P-256|PEM"):
            PrivateKey.from_file(path)


def test_a_wrong_password(tmp_path: Path) -> None:
    """A wrong password opens nothing."""
    PrivateKey.generate().to_file(tmp_path / "key.pem", "right")
    with pytest.raises(ValueError, match="ecrypt"):
        PrivateKey.from_file(tmp_path / "key.pem", "wrong")
