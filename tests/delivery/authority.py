"""Certificates that only our tests trust."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Names = list[x509.GeneralName]

LOOPBACK: Names = [
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
]


def named(label: str) -> x509.Name:
    """A name in a certificate."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label)])


class Authority:
    """Issues certificates; `ca_file` is what a client trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = named("authority of tests")
        self.ca_file = folder / "ca.pem"
        self._write(self.ca_file, self._issue(self._name, self._key, ca=True))
        self.loopback = self.server("loopback", LOOPBACK)

    def server(
        self, label: str, names: Names, *, days: int = 30, from_days: int = -60, chain: int = 0
    ) -> ssl.SSLContext:
        """A server's TLS with a certificate for `names`.

        Negative `days` make it expired, positive `from_days` not yet valid; `chain` copies of
        another certificate follow it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issued = self._issue(named(label), key, names=names, days=days, from_days=from_days)
        return self._context(label, issued, key, chain)

    def self_signed(self, label: str, names: Names) -> ssl.SSLContext:
        """A server's TLS with a certificate that nobody else vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._context(label, self._issue(named(label), key, names=names, issuer=key), key)

    def _context(
        self,
        label: str,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        chain: int = 0,
    ) -> ssl.SSLContext:
        path = self._folder / f"{label}.pem"
        self._write(path, certificate, key)
        with path.open("ab") as file:
            file.write(self.ca_file.read_bytes() * chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _issue(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        names: Names | None = None,
        ca: bool = False,
        days: int = 30,
        from_days: int = -60,
        issuer: ec.EllipticCurvePrivateKey | None = None,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=from_days))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(issuer or self._key, hashes.SHA256())

    @staticmethod
    def _write(
        path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | None = None
    ) -> None:
        content = certificate.public_bytes(serialization.Encoding.PEM)
        if key:
            content += key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        path.write_bytes(content)
