"""Who read what: the entries of the audit log, as far as they concern the one who asks.

May import foundation.
Must never hold what a record said, only that it was read or acted upon, by whom and when.
"""
