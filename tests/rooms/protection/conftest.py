"""A worker at hand, as for webhooks."""

from tests.rooms.subscriptions.conftest import post_office

__all__ = ["post_office"]
