"""The inbox of a receiver: each event once, in order per record, whatever the network does.

May import the client's modules; flask, django and fastapi only inside the adapter asked for.
Must never hold what a handler does, nor a rule of the server.
"""

from openredress.inbox.handlers import Context
from openredress.inbox.inbox import Inbox
from openredress.inbox.replies import Reply
from openredress.inbox.sqlite import SqliteStore
from openredress.inbox.store import Ledger, Store, Waiting

__all__ = ["Context", "Inbox", "Ledger", "Reply", "SqliteStore", "Store", "Waiting"]
