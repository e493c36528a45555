"""Frozen settings read once from the environment; a bad one fails at start, by name."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENTS = ("production", "development", "test")


class BadSetting(Exception):
    """A setting is missing or cannot be used; the message names it and shows a right one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides; docs/operate/settings.md has a heading for each field."""

    public_url: str
    environment: str
    data_dir: Path
    master_key_file: Path
    database_url: str | None
    pg_bin: Path | None
    trusted_proxies: int
    smtp_url: str | None
    ca_file: Path | None
    scan_command: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        """Whether development switches (loopback receivers, fault points) are refused."""
        return self.environment == "production"


def read_settings(environment: Mapping[str, str], *, default_data_dir: Path) -> Settings:
    """Read OPENREDRESS_* from `environment`; raise BadSetting naming the first bad one."""

    def text(name: str) -> str | None:
        return environment.get(f"OPENREDRESS_{name}") or None

    def path(name: str) -> Path | None:
        value = text(name)
        return Path(value).expanduser() if value else None

    data_dir = path("DATA_DIR") or default_data_dir
    return Settings(
        public_url=_public_url(text("PUBLIC_URL") or "http://127.0.0.1:8321"),
        environment=_environment(text("ENVIRONMENT") or "development"),
        data_dir=data_dir,
        master_key_file=path("MASTER_KEY_FILE") or data_dir / "master.key",
        database_url=text("DATABASE_URL"),
        pg_bin=path("PG_BIN"),
        trusted_proxies=_count("TRUSTED_PROXIES", text("TRUSTED_PROXIES") or "0"),
        smtp_url=text("SMTP_URL"),
        ca_file=path("CA_FILE"),
        scan_command=_command(text("SCAN_COMMAND") or ""),
    )


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise BadSetting(
            f"OPENREDRESS_PUBLIC_URL is {value!r}; expected scheme and host without query, "
            "for example https://api.example.org"
        )
    return value.rstrip("/")


def _environment(value: str) -> str:
    if value not in ENVIRONMENTS:
        raise BadSetting(
            f"OPENREDRESS_ENVIRONMENT is {value!r}; expected one of {', '.join(ENVIRONMENTS)}"
        )
    return value


def _command(value: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(value))
    except ValueError as fault:
        raise BadSetting(f"OPENREDRESS_SCAN_COMMAND cannot be split into words: {fault}") from None
    # It runs with no PATH of ours, so that nobody decides by one what a scanner is.
    if words and not Path(words[0]).is_absolute():
        raise BadSetting(
            f"OPENREDRESS_SCAN_COMMAND begins with {words[0]!r}; expected a path from the root, "
            "for example /usr/bin/clamdscan --no-summary -"
        )
    return words


def _count(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise BadSetting(f"OPENREDRESS_{name} is {value!r}; expected a whole number such as 1")
    return int(value)
