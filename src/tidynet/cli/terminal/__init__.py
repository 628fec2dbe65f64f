"""How the command looks: what an experiment does, said on a terminal or in plain lines."""
