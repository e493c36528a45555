"""Who may call the interface: clients, their keys, access tokens and scopes (OAuth 2.0).

May import foundation and settings.
Must never hold a secret or token that can be read back, nor what a record of the field means.
"""

from openredress_api.access.errors import (
    ClientUnknown,
    KeyConflict,
    KeyRefused,
    NoClientsForThisType,
    OrganisationUnknown,
    PersonRequired,
    RegistrationRefused,
    ScopeRefused,
    SecretRefused,
)
from openredress_api.access.keys import read_public_key
from openredress_api.access.registration import (
    add_client,
    add_key,
    remove_key,
    suspend_client,
)
from openredress_api.access.routes import install
from openredress_api.access.scopes import ALL_SCOPES, SCOPES_BY_ROLE
from openredress_api.access.tokens import purge_expired

__all__ = [
    "ALL_SCOPES",
    "SCOPES_BY_ROLE",
    "ClientUnknown",
    "KeyConflict",
    "KeyRefused",
    "NoClientsForThisType",
    "OrganisationUnknown",
    "PersonRequired",
    "RegistrationRefused",
    "ScopeRefused",
    "SecretRefused",
    "add_client",
    "add_key",
    "install",
    "purge_expired",
    "read_public_key",
    "remove_key",
    "suspend_client",
]
