"""The client for suppliers, agencies, brands, CSOs and the institute: ask, report, receive.

May import requests, openredress_webhooks and, in keys.py only, joserfc and cryptography; the
inbox, when it is asked to, a web framework.
Must never hold server code, nor a rule that the server should decide.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openredress import errors, scopes, webhooks
    from openredress.client import Client
    from openredress.inbox import Inbox
    from openredress.keys import PrivateKey

__all__ = ["Client", "Inbox", "PrivateKey", "errors", "scopes", "webhooks"]

_HOMES = {
    "Client": "openredress.client",
    "Inbox": "openredress.inbox",
    "PrivateKey": "openredress.keys",
}


def __getattr__(name: str) -> object:
    # Loaded at first use: a webhook receiver needs no requests, a sandbox client no joserfc.
    if name not in __all__:
        raise AttributeError(f"module 'openredress' has no attribute {name!r}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    return importlib.import_module(f"openredress.{name}")
