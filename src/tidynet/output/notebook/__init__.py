"""Notebooks, and the pages and slides made from them."""
