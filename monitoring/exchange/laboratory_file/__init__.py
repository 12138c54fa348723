"""A laboratory's own export taken in: text cells, a mapping made once, a plan, one transaction."""
