"""What is due next, and since when it is overdue."""
