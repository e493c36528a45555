"""Webhook endpoints, their keys, and the event feed: how an organisation hears of its records.

May import access, vocabulary, foundation and openredress_delivery.
Must never hold the body of a record, only events that name it.
"""

from openredress_api.subscriptions.actions.publishing import on_announcement
from openredress_api.subscriptions.key_set import install

__all__ = ["install", "on_announcement"]
