"""The patient's record: its kinds of entry, a file each, and the table of them."""
