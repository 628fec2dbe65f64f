"""What deserves attention: one rule for each kind of finding, and what the rules look at."""
