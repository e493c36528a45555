"""How many workers a site had in a month: what rates are divided by.

May import organisations, vocabulary and foundation.
Must never hold a single worker, nor a number that nobody sent.
"""
