"""What every room needs: errors, text, numbers, atomic writing and progress."""
