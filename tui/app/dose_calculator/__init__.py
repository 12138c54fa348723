"""The dose calculator: a starting dose, live beside what is typed."""
