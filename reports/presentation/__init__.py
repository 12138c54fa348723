"""Words and rows that the terminal's pages, the app and the paper share; no way to draw them."""
