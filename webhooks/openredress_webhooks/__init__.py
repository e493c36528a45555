"""The contract of a webhook, the same at both ends: sign, verify, event types, bodies.

And, in personal_data, what no text may hold: the only other thing both ends have to agree on.

May import the standard library only; `cryptography` solely inside v1a keys, when one is used.
Must never hold HTTP, a database, retries, or a word of a worker's story.
"""
