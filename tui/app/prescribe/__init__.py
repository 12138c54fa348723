"""A dose as it is typed, beside what the last level suggests; and the end of one."""
