"""How far work is: told in one line that moves, in a notebook or on a terminal, and quiet elsewhere."""
