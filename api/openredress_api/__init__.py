"""The OpenRedress server: rooms by capability, joined by `app.py`.

May import openredress_openapi, openredress_delivery and openredress_webhooks.
Must never hold code that a supplier installs: that is the SDK, `openredress`.
"""

__version__ = "0.1.0"
