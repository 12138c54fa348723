"""Help: for what has the focus, and the overview of keys."""
