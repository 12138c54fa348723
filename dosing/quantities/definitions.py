"""The definitions of the units of this program: a closed list."""

from decimal import Decimal

DAYS_A_YEAR = Decimal("365.25")
"""The WHO growth standards' own convention; a month is a twelfth of it."""

# 1 lb = 0.45359237 kg and 1 in = 2.54 cm by definition. A year is 365.25 days and a month a twelfth
# of it: the WHO growth standards' own convention. 914.17 g/mol is sirolimus (clinical reference,
# section 6): in this registry nmol is a nanomole of sirolimus and of nothing else.
DEFINITIONS = f"""
kilogram = [mass] = kg
gram = 0.001 * kilogram = g
milligram = 0.001 * gram = mg
microgram = 0.001 * milligram = ug
nanogram = 0.001 * microgram = ng
pound = 0.45359237 * kilogram = lb
nanomole_of_sirolimus = 914.17 * nanogram = nmol
metre = [length] = m
centimetre = 0.01 * metre = cm
inch = 0.0254 * metre = in
millilitre = 0.000001 * metre ** 3 = mL
litre = 1000 * millilitre = L
decilitre = 100 * millilitre = dL
day = [time] = d
hour = day / 24 = h
week = 7 * day
year = {DAYS_A_YEAR} * day
month = year / 12
dose_event = [administration] = dose
"""
"""The units in the form that pint reads, a line each."""
