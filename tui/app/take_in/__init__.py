"""Taking in a laboratory's file: what would be added and refused is seen before it is written."""
