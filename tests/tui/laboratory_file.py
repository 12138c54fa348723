"""A laboratory's file, the mapping by which it is read, and rows that cannot be taken in."""

MAPPING = """
[reading]
time_zone = "Europe/Paris"
date_order = "dmy"
decimal_sign = "comma"
no_value = ["NA"]
without_value = "skip"
[file]
separator = "semicolon"
[columns]
record_number = "MRN"
test = "Test"
value = "Result"
unit = "Unit"
sample_time = "Collected"
[tests]
"SIRO" = "sirolimus level"
"ALAT" = "ALT"
"""
GOOD = """\
MRN;Test;Result;Unit;Collected
00123;SIRO;<2,0;ng/mL;03/11/2026 07:50
00123;ALAT;35;U/L;03/11/2026 07:50
00123;SIRO;NA;ng/mL;04/11/2026 07:50
"""
BAD = "00123;[/] <img>;7,2;ng/mL;03/11/2026 07:50\n00123;SIRO;7.2;ng/mL;05/11/2026 07:50\n"
UNKNOWN = "00777;SIRO;8,1;ng/mL;03/11/2026 07:50\n"
"""A row of a patient who is not in the records."""
