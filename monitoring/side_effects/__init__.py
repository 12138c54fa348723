"""Side-effects: what each one is called, how it is graded, and what the review saw of it."""
