"""Courses of treatment: a second implementation of their rules, and random ones walked through."""
