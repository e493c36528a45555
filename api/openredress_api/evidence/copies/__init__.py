"""The copy of a file that others may see: rebuilt from what a reader would see, nothing else.

May import Pillow, PDFium, openpyxl and defusedxml. It runs in confined processes only.
Must never hold a table or a transaction, and never copy octets of the original as they are.
"""
