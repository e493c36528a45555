"""How a caller is refused on the wire, and why an operator's registration is."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidClientError


class ClientRefused(InvalidClientError):
    """One answer for every failed client authentication: unknown, suspended, wrong, replayed."""

    status_code = 401
    description = "Client authentication failed."

    def get_headers(self) -> list[tuple[str, str]]:
        """With the challenge that RFC 9110 section 15.5.2 wants beside every 401."""
        headers = [pair for pair in super().get_headers() if pair[0] != "WWW-Authenticate"]
        return [*headers, ("WWW-Authenticate", 'Basic realm="openredress", charset="UTF-8"')]


class RegistrationRefused(Exception):
    """An operator's command cannot be done; the message says what was read and what is right."""


class OrganisationUnknown(RegistrationRefused):
    """There is no such organisation."""


class ClientUnknown(RegistrationRefused):
    """There is no client with this id."""


class NoClientsForThisType(RegistrationRefused):
    """Organisations of this type act through the institute and have no clients."""


class PersonRequired(RegistrationRefused):
    """The client must belong to a person of its organisation."""


class ScopeRefused(RegistrationRefused):
    """A scope is not among those of the organisation's type."""


class SecretRefused(RegistrationRefused):
    """A shared secret is for sandboxes only; everyone else registers a public key."""


class KeyRefused(RegistrationRefused):
    """The key cannot be registered; the message says what is wrong and what is expected."""


class KeyConflict(RegistrationRefused):
    """The client's keys do not allow this change."""
