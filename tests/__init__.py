"""Tests state promises; `packaging/test_house_measures.py` reads them."""
