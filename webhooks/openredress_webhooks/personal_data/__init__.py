"""Phones, e-mail addresses and document numbers in what people write, and names as pseudonyms.

It stands in the one distribution that server and client both import: the client redacts before it
sends what the server refuses at the door, and both must find the same
(docs/decisions/0008-one-detector-for-both-ends.md).

May import the standard library only.
Must never hold a text that somebody wrote longer than it takes to search it, nor a logger.
"""

from openredress_webhooks.personal_data.kinds import Found, Kind
from openredress_webhooks.personal_data.members import PSEUDONYMS, REFERENCES
from openredress_webhooks.personal_data.pseudonyms import in_pseudonym, is_name
from openredress_webhooks.personal_data.search import emails_in, found

__all__ = [
    "PSEUDONYMS",
    "REFERENCES",
    "Found",
    "Kind",
    "emails_in",
    "found",
    "in_pseudonym",
    "is_name",
]
