"""Import of a laboratory's file: text cells, a mapping, a plan, and one transaction."""
