"""Rules that find what needs attention in a table, and their registry."""
