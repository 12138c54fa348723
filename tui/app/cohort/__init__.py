"""The clinic beside the review."""
