"""The institute's work list: what a person has to decide or do, raised by facts of other rooms.

May import organisations, access, vocabulary and foundation.
Must never hold what a record says, only its id.
"""

from openredress_api.tasks.actions import on_announcement

__all__ = ["on_announcement"]
