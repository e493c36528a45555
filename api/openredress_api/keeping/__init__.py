"""What is kept how long: erasure by time and on a worker's word; what authorities asked for.

May import cases, organisations, access, vocabulary and foundation.
Must never hold what was erased, or show anything of it outside the institute.
"""
