"""The blank screens: after a while without a key, and in a terminal that is too small."""
