"""The catalogue of alerts: one row a code and kind, with its sentences and its source.

The tables of limits and interactions and the remarks of protocols and scales hold the words and
sources that differ from row to row; the rows here name a place for them. Sentences are
`<fact>. <what to do>.`; a sentence with an unknown figure is left out.
"""

from dosing.alerts import BY_ROW, AlertKind, AlertRow
from dosing.knowledge.references import PROPOSED, UNCONFIRMED

_STOP, _OVERRIDE, _URGENT, _CAUTION, _NOTE = sorted(AlertKind, reverse=True)


def _row(
    code: str,
    kind: AlertKind,
    *sentences: str,
    source: str = PROPOSED,
    asks_early_level: bool = False,
) -> AlertRow:
    return AlertRow(code, kind, sentences, source, asks_early_level)


_RECORD_AGAIN = "If a time is wrong, void the level and record it again."
_BEFORE_FIRST_DOSE = "The sample of {sampled} was taken before the first dose ({first})."
_NO_DOSE_AT_SAMPLE = "No dose was in force at the time of the sample."
_NO_DOSE_AT_LAST = "No dose was in force at {last}, the recorded time of the last dose."
_CHECK_LAST = "Check that time and the start of the prescription."
_LAST_UNKNOWN = "The time of the last dose before {level} is not recorded."
_LAST_IN_QUESTION = "The last dose before {level}, of {last}, is {conflict}."
_CORRECT_LAST = "Correct the level or that entry: until then the level is not assessed."
_MAY_BE_NO_TROUGH = "The level may not be a trough."
_SAMPLED_EARLY = "Sampled {value} after the last dose change or loading dose."
_DRUG_CHANGED = "{drug} may change the level and was {changed} on {day}, {value}."
_LEVEL_AFTER_DRUG = "Take a level when its effect has settled."
_MATURING = "Clearance matures until 2 years of age."
_ABOVE = "{level} is above {limit}."
_OUTSIDE_ASSAY = "{level} is outside the assay's range."
_NEW_LEVEL = "Take a new level."
_DRUG_UNKNOWN = "{drug} is not in the interaction table."
_DID_YOU_MEAN = "Did you mean {nearest}?"
RECORD_CAUSE = "Record its cause."
TRUE_TROUGH = "It was sampled {since} after a dose: take a true trough in 1-3 days."
_OVER = "This event has ended."
_PNEUMONITIS = (
    "Pneumonitis is very rare and potentially serious.",
    "Rapalimus label: {label}",
    "At grade {grade}: {at_grade}",
)
_BOTH_CASES = "Both published cases were infants on steroids without prophylaxis."
_DEATHS_OF_INFECTION = "Infection killed 6 of 1,182 patients, all under 2 years."
_NO_PROPHYLAXIS = "Neither co-trimoxazole nor pentamidine is recorded."
_EMERGENCY = "{event} is an emergency."
_ACT = "Act by the local protocol."
_HELD_SINCE = "Sirolimus is on hold since {since}."

_EXACT_BIRTH = "Enter the exact date of birth."

# A starting dose.
PROTOCOL_NOT_APPLICABLE = _row(
    "protocol-not-applicable", _STOP,
    "Protocol {protocol} is for {whom}.", "Choose another protocol.",
    source=BY_ROW,
)  # fmt: skip
AGE_UNSURE = _row(
    "age-unsure", _CAUTION,
    "The birth date is not known exactly: the age is {youngest} to {oldest} months.",
    "The stricter limit is taken.", _EXACT_BIRTH,
)  # fmt: skip
BIRTH_DATE_NEEDED = _row(
    "birth-date-needed", _STOP,
    "The dose depends on the age: {young} mg at {youngest} months, {old} mg at {oldest} months.",
    _EXACT_BIRTH,
)  # fmt: skip
BORN_PRETERM = _row(
    "born-preterm", _NOTE,
    "The patient was born preterm, after {gestation}.",
    "Growth is compared at the corrected age of {corrected} months.",
    "Doses by age go by the age since birth.",
)  # fmt: skip
YOUNG_INFANT_DOSES = _row(
    "young-infant-doses", _NOTE,
    "Five infants aged 4 days to 7 months reached 4-6 ng/mL.",
    "They received 0.2 mg/m² every 24 or 48 hours.",
    source="bjcp2022",
)  # fmt: skip
PROPHYLAXIS_OF_INFANT_ON_STEROIDS = _row(
    "pneumocystis-prophylaxis", _CAUTION,
    "Pneumocystis prophylaxis is advised for an infant on steroids.",
    _BOTH_CASES, _DEATHS_OF_INFECTION,
    source="kalbfell",
)  # fmt: skip
PNEUMOCYSTIS_PROPHYLAXIS = _row(
    "pneumocystis-prophylaxis", _NOTE,
    "Consider Pneumocystis prophylaxis in infancy, with steroids or at a high target.",
    source="authorea668195",
)  # fmt: skip
DOSE_BY_WEIGHT = _row(
    "dose-by-weight", _NOTE,
    "The protocol also states {low}-{high} mg/kg/day.", "This dose is {per_kg} mg/kg/day.",
    source=BY_ROW,
)  # fmt: skip
PROTOCOL_REMARK = _row("protocol-remark", _NOTE, "{remark}", source=BY_ROW)
LIVER_IMPAIRMENT = _row(
    "liver-impairment", _CAUTION,
    "Child-Pugh {value} raises the exposure by {rise} %.", "The dose is {reduced}.",
    "Take an early level.",
    source="tortorici2013", asks_early_level=True,
)  # fmt: skip
CLEARANCE_MATURING = _row(
    "clearance-maturing", _NOTE,
    _MATURING,
    "Take the first level early, and weigh and calculate the dose again at least monthly.",
    "The protocol's dose gives an expected average level of about {average} ng/mL ({derived}).",
    source="mizuno2015", asks_early_level=True,
)  # fmt: skip

# A dose in general.
CEILING = _row(
    "ceiling", _STOP,
    "The level asks for more than the current dose, {daily} mg/day.",
    "Protocol {protocol} allows at most {most} mg/day.",
    "{unmeasurable}", "Choose the other product, or {instead}.",
    source=BY_ROW,
)  # fmt: skip
CLINIC_LIMITS_UNREAD = _row(
    "clinic-limits-unread", _CAUTION,
    "The clinic's own limits cannot be read: those of the program apply.",
    "Compare the dose with the clinic's limits.",
)  # fmt: skip
OVERRIDE_NOT_NEEDED = _row(
    "override-not-needed", _NOTE, "No alert needs an override.", "The reason is not stored."
)
DOSE_UNCHANGED = _row(
    "dose-unchanged", _NOTE,
    "The new dose rounds to the current {daily} mg/day.",
    "No other dose raises the target attainment ({chance} %) by {gain} points or more.",
    "Keep the current dose.",
)  # fmt: skip

# What a syringe or whole tablets can give.
NO_STARTING_DOSE = _row(
    "no-starting-dose", _STOP,
    "Protocol {protocol} states a target of {target} and no starting dose.",
    "Start by another protocol, and choose this target when you prescribe.",
    source=BY_ROW,
)  # fmt: skip
OFF_THE_MARKS = _row(
    "off-the-marks", _CAUTION,
    "{dose} is off the marks of the syringe.", "Choose {nearest}.",
    "A 1 mL oral syringe with 0.01 mL marks gives {fine}.",
)  # fmt: skip
NO_WHOLE_TABLETS = _row(
    "no-whole-tablets", _CAUTION,
    "{dose} is not a number of whole tablets.", "Tablets are not split: choose {nearest}.",
    "Once a day: {once_daily}.", "Unequal doses: {unequal}.", "Alternate days: {alternate_days}.",
    source="rapalimus-faq",
)  # fmt: skip

# Drugs and allergies.
INTERACTION_TO_AVOID = _row(
    "interaction", _OVERRIDE,
    "{drug} {effect}.", "Avoid the combination.",
    "With an override, record a plan and take an early level within days.",
    "The dose is not adjusted for it.",
    source=BY_ROW, asks_early_level=True,
)  # fmt: skip
INTERACTION = _row("interaction", _CAUTION, "{drug} {effect}.", "{advice}", source=BY_ROW)
NO_INTERACTION_LISTED = _row("no-interaction-listed", _NOTE, "{drug} {effect}.", source=BY_ROW)
DRUG_UNKNOWN = _row(
    "drug-unknown", _CAUTION,
    _DRUG_UNKNOWN, "Its safety is unknown: look it up.", _DID_YOU_MEAN,
)  # fmt: skip
# A name that may be a drug to avoid needs what that drug needs; a second drug of the same class.
DRUG_NEARLY_TO_AVOID = _row(
    "drug-unknown", _OVERRIDE,
    _DRUG_UNKNOWN, _DID_YOU_MEAN, "It {effect}.",
    "Write the name as in the table, or override if it is another drug.",
    "With an override, take an early level.",
    source=BY_ROW, asks_early_level=True,
)  # fmt: skip
THERAPEUTIC_DUPLICATION = _row(
    "therapeutic-duplication", _OVERRIDE,
    "{drug} {effect}.", "Do not give both.", "No dose is calculated for {value}.", source=BY_ROW,
)  # fmt: skip
ALLERGY_SIROLIMUS = _row(
    "allergy-sirolimus", _STOP,
    "The allergies ({allergies}) include sirolimus.",
    "Hypersensitivity to sirolimus is a contraindication.", "If it is not so, correct the entry.",
    source="us-label",
)  # fmt: skip
ALLERGY_SOYA = _row(
    "allergy-soya", _OVERRIDE,
    "The allergies ({allergies}) include soya or peanut.",
    "The oral solution contains soya oil and is contraindicated.", "Consider tablets.",
    source="eu-label",
)  # fmt: skip

# The state of treatment: what forbids a dose, and what asks for care.
RECORD_INCOMPLETE = _row(
    "record-incomplete", _STOP,
    "The record is incomplete: {entries} cannot be read.",
    "Void what cannot be read and record it again, or restore a backup.",
)  # fmt: skip
TREATMENT_CONFLICT = _row(
    "treatment-conflict", _STOP,
    "{event} of {day} says that sirolimus was {done}, but the dose goes on.",
    "Was it {done}? Record the hold or the stop, or void the event.",
)  # fmt: skip
GIVEN_WHILE_HELD = _row(
    "given-while-held", _STOP,
    "Doses are held since {since}, but a dose of {given} is recorded.",
    "Was it restarted? Record the restart, or correct the level.",
)  # fmt: skip
HOLD_END_UNKNOWN = _row(
    "hold-end-unknown", _CAUTION,
    "Doses are held since {since}, and no end is recorded.", "Record the restart or the stop.",
)  # fmt: skip
ON_HOLD = _row(
    "on-hold", _STOP,
    _HELD_SINCE, "Decide on the restart at the former dose first.",
)  # fmt: skip
ENDS_THE_HOLD = _row(
    "on-hold", _CAUTION,
    _HELD_SINCE, "This dose restarts it: take a level after 7-14 days.",
)  # fmt: skip
ALREADY_ON_TREATMENT = _row(
    "already-on-treatment", _OVERRIDE,
    "{state}: this is not a first dose.", "Change the current dose instead.",
)  # fmt: skip
SEVERE_PNEUMONITIS = _row(
    "pneumonitis-severe", _OVERRIDE,
    "Pneumonitis of grade {grade} is recorded ({day}).",
    "In principle do not resume sirolimus.",
    source="rapalimus-label",
)  # fmt: skip
OPEN_PNEUMONITIS = _row(
    "pneumonitis-open", _OVERRIDE,
    "Pneumonitis {grade} is open since {day}.",
    "Hold sirolimus until it has improved; then it may be resumed.",
    source="rapalimus-label",
)  # fmt: skip
MILD_PNEUMONITIS = _row(
    "pneumonitis-open", _CAUTION,
    "Pneumonitis of grade 1 is open since {day}.", "Sirolimus may continue: watch for symptoms.",
    source="rapalimus-label",
)  # fmt: skip
PREGNANCY = _row(
    "pregnancy", _OVERRIDE,
    "{condition} is recorded from {day}.", "Sirolimus is contraindicated in pregnancy.",
    source="us-label",
)  # fmt: skip
BREASTFEEDING = _row(
    "breastfeeding", _CAUTION,
    "Breastfeeding is recorded from {day}.", "Discuss whether it may go on.",
    source=UNCONFIRMED,
)  # fmt: skip
SEVERE_FINDING = _row(
    "severe-finding", _OVERRIDE,
    "Grade {grade} is open: {what} ({day}).",
    "Do not raise or restart the dose before it has improved; record its grade or its end.",
)  # fmt: skip
RESPIRATORY_SYMPTOM = _row(
    "respiratory-symptom", _OVERRIDE,
    "{symptom} is open since {day}.",
    "Exclude pneumonitis and Pneumocystis by imaging; hold sirolimus while it is unclear.",
    source="rapalimus-label",
)  # fmt: skip
FEVER = _row(
    "fever", _CAUTION,
    "Fever is open since {day}.", "Look for an infection, and ask about cough and breathing.",
    source="rapalimus-label",
)  # fmt: skip
SURGERY = _row(
    "surgery", _CAUTION,
    "{condition} is recorded for {day}.", "Wounds may heal badly: ask the surgeon about a hold.",
    source="us-label",
)  # fmt: skip
ACTIVE_INFECTION = _row(
    "infection-open", _CAUTION,
    "{infection} is open since {day}.",
    "Consider a hold; in Nadal 2016 sirolimus was kept in all 3 infections.",
    source="nadal2016",
)  # fmt: skip
STRONG_INDUCER = _row(
    "inducer-in-force", _CAUTION,
    "{drug} lowers the level, and its end raises it several-fold.",
    "Plan a level and the former dose for the day it ends.",
)  # fmt: skip
DOSE_OUTGROWN = _row(
    "dose-outgrown", _CAUTION, "The dose is {drift}.", "Review it for the present size."
)

# A dose after a level.
LEVEL_TOO_HIGH_TO_ADJUST = _row(
    "level-too-high-to-adjust", _STOP,
    "{value} is above {limit}: no dose can be calculated.", "Re-check the level first.",
)  # fmt: skip
NO_CHANGE = _row(
    "no-change", _NOTE,
    "{level} ng/mL is within the target of {target}.", "Keep {daily} mg/day.",
    source=BY_ROW,
)  # fmt: skip
ROUNDING_TURNED_ROUND = _row(
    "rounding-turned-round", _STOP,
    "The rounded dose would move the level away from the target of {target}.",
    "The product cannot measure the current dose exactly.", "Check dose and product.",
)  # fmt: skip
FACTOR_CAPPED = _row(
    "factor-capped", _CAUTION,
    "The level asks for {times} times the dose; the factor is capped at {limit}.",
    "Look for another cause of the low level before a further increase.",
)  # fmt: skip
FACTOR_BEYOND_CAP = _row(
    "factor-capped", _OVERRIDE,
    "The level asks for {times} times the dose, more than {limit} times at once.",
    "The documented reason allows it.",
)  # fmt: skip
WEIGHT_UNKNOWN = _row(
    "weight-unknown", _CAUTION,
    "No weight is recorded: the dose is not checked per m².", "Record the weight.",
)  # fmt: skip
BODY_MEASURED_LATER = _row(
    "body-measured-later", _CAUTION,
    "No {what} is recorded up to {day}: the dose is checked with {body} of {measured}.",
    "Record the {what} of that time, if it is known.",
)  # fmt: skip
HEIGHT_UNKNOWN = _row(
    "height-unknown", _CAUTION,
    "No height is recorded: the dose is not checked per m².", "Record the height.",
)  # fmt: skip
NO_LOADING_DOSE = _row(
    "no-loading-dose", _NOTE,
    "The dose does not rise.", "No loading dose is needed.",
    source="us-label",
)  # fmt: skip
LOADING_IN_INFANCY = _row(
    "loading-in-infancy", _CAUTION,
    _MATURING, "A loading dose stays in the body longer.",
    source="mizuno2015",
)  # fmt: skip
NEXT_LEVEL = _row(
    "next-level", _NOTE,
    "Keep the new dose for {days} before another change.",
    "Take a level {after_loading} or more after the loading dose.",
    source="us-label",
)  # fmt: skip
REVIEW_AUTHORS = _row(
    "review-authors", _NOTE,
    "Nadal 2016 has adverse-event data on {patients} patients.",
    "The dose was decreased in {decreased} and treatment stopped gradually in {stopped}.",
    "Sirolimus was kept in {kept} of {infections} patients with an infection.",
    source="nadal2016",
)  # fmt: skip

# A level before it is stored.
LEVEL_ASKED_AGAIN = _row(
    "level-asked-again", _STOP,
    "{level} is above {highest} ng/mL.", "Check the value and its unit.",
)  # fmt: skip
LEVEL_BEFORE_FIRST_DOSE_ASKED = _row(
    "level-before-first-dose", _STOP, _BEFORE_FIRST_DOSE, "Check the time of the sample."
)

# A level on record.
LEVEL_HIGH_URGENT = _row(
    "level-high", _URGENT,
    _ABOVE, "Re-check the level and consider holding the dose.", "{then}",
)  # fmt: skip
LEVEL_HIGH_CAUTION = _row(
    "level-high", _CAUTION,
    _ABOVE, "Fatal pneumonitis is published at such levels.",
    "Check the dose.", "{then}",
)  # fmt: skip
LEVEL_HIGH_NOTE = _row(
    "level-high", _NOTE,
    "{level} is above {limit}, the upper end of the Nadal 2016 target.", "{then}",
)  # fmt: skip
LEVEL_BEFORE_FIRST_DOSE = _row(
    "level-before-first-dose", _CAUTION, _BEFORE_FIRST_DOSE, _RECORD_AGAIN
)
NO_DOSE_IN_FORCE = _row(
    "no-dose-in-force", _CAUTION,
    _NO_DOSE_AT_SAMPLE, "The level has no target.", "If a dose was given, record it.",
)  # fmt: skip
LAST_DOSE_UNKNOWN = _row(
    "last-dose-unknown", _CAUTION,
    _LAST_UNKNOWN, _MAY_BE_NO_TROUGH,
    "If the time is known, void the level and record it again with the time.",
)  # fmt: skip
INTERVAL_UNKNOWN = _row(
    "interval-unknown", _CAUTION, _NO_DOSE_AT_LAST, "The interval is unknown.", _CHECK_LAST
)
LEVEL_NOT_TROUGH = _row(
    "level-not-trough", _CAUTION,
    "{level} was sampled {since} after the last dose and is not a trough.",
    "A trough is taken {window} after a dose every {interval}.",
    "{model}, made from troughs, only assumed the absorption.",
    "Take the next level just before a dose.", _RECORD_AGAIN,
)  # fmt: skip
LEVEL_TOO_EARLY = _row(
    "level-too-early", _CAUTION,
    "Sampled {value} after {change}.",
    "Steady state needs {steady} after a change, or {loaded} after a loading dose.",
    "Take another level then.",
    source=BY_ROW,
)  # fmt: skip
LEVEL_CENSORED = _row(
    "level-censored", _NOTE,
    _OUTSIDE_ASSAY, "It may be inside or outside the target of {limit}.",
)  # fmt: skip
LEVEL_JUMP = _row(
    "level-jump", _CAUTION,
    "{level} is more than {times} the last level ({last}, sampled {sampled}).",
    "Check the value, its unit and whose sample it was.", "{then}",
)  # fmt: skip
ASSAY_UNKNOWN = _row(
    "assay-unknown", _NOTE,
    "The assay is not recorded, and assays differ: {differ}.", "Record the assay.",
    source="proficiency-scheme",
)  # fmt: skip
ASSAY_CHANGED = _row(
    "assay-changed", _CAUTION,
    "Measured by {value}, the last level by {limit}.", "Assays differ: {differ}.",
    "The two levels are not compared.",
    source="proficiency-scheme",
)  # fmt: skip
LAST_DOSE_IN_QUESTION = _row(
    "last-dose-in-question",
    _CAUTION,
    _LAST_IN_QUESTION,
    _CORRECT_LAST,
)
DOSES_NOT_GIVEN = _row(
    "doses-not-given", _CAUTION,
    "Doses were not given in the {limit} before the sample ({doses}).",
    "The level may be too low for the dose.",
)  # fmt: skip
INTERACTING_DRUG_CHANGED = _row(
    "interacting-drug-changed", _CAUTION,
    "{drug} was {changed} {value} before the sample ({day}).", "It {effect}.",
    "The level may still change until {limit} after.",
    source=BY_ROW,
)  # fmt: skip

# A level that does not fit, and levels of the same moment.
LEVEL_MISFIT = _row(
    "level-misfit", _CAUTION,
    "{level} is less than a third of the last level on this dose ({last}, sampled {sampled}).",
    "{level} is more than {times} the upper end of the target ({top}).",
    RECORD_CAUSE,
)  # fmt: skip
LEVEL_CONTRADICTED = _row(
    "level-contradicted", _CAUTION,
    "{level} and {others} were sampled at the same time.",
    "None is evaluable: void or exclude the wrong one.",
)  # fmt: skip
LEVEL_REPEATED = _row(
    "level-repeated", _NOTE,
    "{level} of the same time is recorded twice.", "This entry is not evaluable: void one of them.",
)  # fmt: skip

# Why no dose follows from a level.
NO_LEVEL = _row("no-level", _STOP, "No level is recorded.", "Record a level first.")
LEVEL_CENSORED_STOP = _row("level-censored", _STOP, _OUTSIDE_ASSAY, "No dose can be calculated.")
LAST_DOSE_IN_QUESTION_STOP = _row(
    "last-dose-in-question", _STOP,
    "No dose can be calculated from {level}: its last dose, of {last}, is {conflict}.",
    "Correct the level or that entry.",
)  # fmt: skip
LEVEL_NOT_TROUGH_STOP = _row(
    "level-not-trough", _STOP, "The level is not a trough.", "Take a new one just before a dose."
)
LAST_DOSE_UNKNOWN_STOP = _row(
    "last-dose-unknown", _STOP,
    _LAST_UNKNOWN, _MAY_BE_NO_TROUGH, "Void the level and record it again with the time.",
)  # fmt: skip
INTERVAL_UNKNOWN_STOP = _row(
    "interval-unknown", _STOP, _NO_DOSE_AT_LAST, _MAY_BE_NO_TROUGH, _CHECK_LAST
)
NO_DOSE_IN_FORCE_STOP = _row(
    "no-dose-in-force", _STOP, _NO_DOSE_AT_SAMPLE, "Record the prescription of that time."
)
LEVEL_TOO_EARLY_STOP = _row(
    "level-too-early", _STOP,
    _SAMPLED_EARLY, "Before {limit} the level does not reflect the dose.", "Take a later level.",
)  # fmt: skip
NO_DOSE_NOW = _row(
    "no-dose-now", _STOP, "No current dose is recorded.", "If one is given, record it."
)
DOSE_CHANGED_SINCE = _row(
    "dose-changed-since", _STOP,
    "The level is from before the dose change or loading dose at {at}.", _NEW_LEVEL,
)  # fmt: skip
DOSES_HELD = _row(
    "doses-held", _STOP,
    "Doses were held from {since}, too close to the sample to reflect the dose.",
    _NEW_LEVEL,
)  # fmt: skip
DRUG_JUST_CHANGED_STOP = _row("drug-just-changed", _STOP, _DRUG_CHANGED, _LEVEL_AFTER_DRUG)
DRUG_JUST_CHANGED = _row("drug-just-changed", _CAUTION, _DRUG_CHANGED, _LEVEL_AFTER_DRUG)
LEVEL_OLD = _row(
    "level-old", _STOP,
    "The level is more than {limit} old.", "Take a new one before a change of dose.",
)  # fmt: skip

# The one recommendation.
WAIT_FOR_LEVEL = _row(
    "wait-for-level", _NOTE,
    "The dose changed after the last level.", "Keep it until the next level.",
    source="us-label",
)  # fmt: skip
NO_RAISE_YET = _row(
    "no-raise-yet", _NOTE,
    "The exposure changed less than 7 days before the sample.",
    "Keep the dose and take a level 7-14 days after the change.",
    source="us-label",
)  # fmt: skip
NO_RAISE_IN_TAPER = _row(
    "no-raise-in-taper", _NOTE,
    "The dose is being tapered: a low level is expected.", "Go on with the plan.",
)  # fmt: skip
LEVEL_NOT_REPEATED = _row(
    "level-not-repeated", _CAUTION,
    "A second level on this dose cannot be used either.",
    "Find out how doses are given and samples are taken.",
)  # fmt: skip
RAISE_AFTER_HIGH_LEVEL = _row(
    "level-against-raise", _CAUTION,
    "The last level, {level} on {sampled}, is above the target.", "Do not go beyond its dose.",
)  # fmt: skip
RAISE_AFTER_VERY_HIGH_LEVEL = _row(
    "level-against-raise", _OVERRIDE,
    "The last level, {level} on {sampled}, is above {limit}.", "Re-check it before any raise.",
)  # fmt: skip
RAISE_WITHOUT_LEVEL = _row(
    "raise-without-level", _OVERRIDE, "{fact}.", "Take a new level before any raise."
)
RAISE_BEFORE_FIRST_LEVEL = _row(
    "raise-before-first-level", _CAUTION,
    "No level is recorded before this raise.", "Take one 7-14 days after it.",
    source="us-label",
)  # fmt: skip
LEVEL_EXCLUDED = _row(
    "level-excluded", _CAUTION,
    "The level of {sampled} is excluded ({cause}).", "Take another one.",
)  # fmt: skip
CAUSE_FIRST = _row(
    "cause-first", _CAUTION,
    "The level has a cause: {cause}.", "Deal with the cause before the dose is raised.",
)  # fmt: skip
SECOND_LEVEL_FIRST = _row(
    "second-level-first", _CAUTION,
    "The level does not fit, and no cause was found.", "Take a second level before a raise.",
)  # fmt: skip
LEVEL_OUTSIDE_MODEL = _row(
    "level-outside-model", _CAUTION,
    "{level} is outside the 99.5 % interval that {model} predicted.",
    "Record its cause; a raise needs a second level.",
)  # fmt: skip
TWICE_NEAR_THE_EDGE = _row(
    "twice-near-the-edge", _NOTE,
    "Two levels in a row are within 10 % of the {edge} end of the target.",
    "Consider a small change.",
)  # fmt: skip
MODEL_NOT_USED = _row(
    "model-not-used", _NOTE,
    "No dose by {model}: {why}.", "The label's arithmetic is used.",
)  # fmt: skip

# Why there is no forecast.
COVARIATE_UNKNOWN = _row(
    "covariate-unknown", _STOP,
    "The {covariate} ({unit}) is needed for {model}.", "Record it first.",
    source=BY_ROW,
)  # fmt: skip
COVARIATE_STALE = _row(
    "covariate-stale", _STOP,
    "{model} needs the {covariate} of {day}; the nearest is of {measured}.",
    "Record one at most {limit} from it.",
)  # fmt: skip
OUTSIDE_MODEL = _row(
    "outside-model", _STOP,
    "The {covariate} on {day}, {figure} {unit}, is outside the range of {model} ({range}).",
    "Choose a model that covers this patient.",
    source=BY_ROW,
)  # fmt: skip
MODEL_ONLY_BESIDE = _row(
    "model-only-beside", _STOP,
    "{model} never answers alone.", "Choose another model.",
    source=BY_ROW,
)  # fmt: skip
LEVELS_LEFT_OUT = _row(
    "levels-left-out", _NOTE,
    "The forecast leaves out {levels} of another assay than the newest ({assay}).",
)  # fmt: skip
DOSES_OF_ANOTHER_PRODUCT = _row(
    "doses-of-another-product", _NOTE,
    "The product changed to {product} on {day}.",
    "Doses before count times {factor}, their relative bioavailability.",
    source="us-label",
)  # fmt: skip
PRODUCT_OF_MODEL = _row(
    "product-of-model", _NOTE,
    "The {made_on} is taken as the product of {model}; the patient takes {product}.",
    "Clearance and volumes are divided by {factor}.",
    source="us-label",
)  # fmt: skip
ASSAY_OF_MODEL = _row(
    "assay-of-model", _CAUTION,
    "Levels by {assay} are the basis of {model}; these are by {measured_by}.",
    "Assays differ: {differ}.", "The fit takes that difference for the patient's own.",
    source="proficiency-scheme",
)  # fmt: skip
DOSE_RECORD_GAP = _row(
    "dose-record-gap", _STOP,
    "No dose is recorded {when}.", "Check the prescriptions and the doses missed or held.",
    "A gap of {gap} is not a wash-out: record what was given, or confirm that nothing was.",
)  # fmt: skip
DOSES_LEFT_OUT = _row(
    "doses-left-out", _CAUTION,
    "The recorded last-dose times rule out {doses} of the schedule (last: {last}).",
    "The forecast leaves them out.", "Check them, and record which were missed.",
)  # fmt: skip
DRUG_CHANGED_SINCE = _row(
    "drug-changed-since", _STOP,
    "{drug} may change the level and was started or stopped on {day}.",
    "Levels before {settled} ({after} later) do not apply now.", "Take a level then.",
)  # fmt: skip
DRUG_NOT_IN_MODEL = _row(
    "drug-not-in-model", _STOP,
    "{drug} may change the level.", "It is not in {model}, and no level shows its effect.",
    "Take a level.",
)  # fmt: skip
FIT_NOT_CONVERGED = _row(
    "fit-not-converged", _STOP,
    "{model} cannot be fitted to the levels.", "Check the doses, the levels and their times.",
)  # fmt: skip
FAR_FROM_POPULATION = _row(
    "far-from-population", _STOP,
    "The fit of {model} is {sd} SD from the population (more than {most}).",
    "The doses, the levels or their times are probably wrong.",
    "Check them, and look for missed doses or another person's sample.",
)  # fmt: skip

# A forecast.
MODEL = _row("model", _NOTE, "{model}: {population}.", source=BY_ROW)
POPULATION_ONLY = _row(
    "population-only", _CAUTION,
    "Based on no level: a weak forecast, that of a typical patient of this size.",
    "Take a level.",
    source=BY_ROW,
)  # fmt: skip
ONE_LEVEL = _row(
    "one-level", _NOTE, "Based on one level: close to the population estimate.", source=BY_ROW
)
LEVEL_UNUSUAL = _row(
    "level-unusual", _CAUTION,
    "{level} of {sampled} is unusual.",
    "On these doses, fewer than 1 level in 100 is {side} it in the population.",
    "Check the sample, its time and the doses.",
)  # fmt: skip
APPROXIMATION_ROUGH = _row(
    "approximation-rough", _NOTE,
    "The normal approximation is {off} % off at one end of the clearance interval.",
    "The interval shown comes from the weighted draws and is rough.",
)  # fmt: skip
MODELS_DISAGREE = _row(
    "models-disagree", _CAUTION,
    "The models differ by {value} on the current dose and give no dose (more than {limit}).",
    "{low} expects a trough of {low_trough} ng/mL, {high} {high_trough} ng/mL.",
)  # fmt: skip
LEVELS_VARY = _row(
    "levels-vary", _CAUTION,
    "The levels vary more than {model} expects: those of {limit} of its patients do.",
    "Check the times of doses and samples, new drugs, food, the product and the assay.",
)  # fmt: skip
TROUGH_NOT_CONFIRMED = _row(
    "trough-not-confirmed", _STOP,
    "Two simulations of {dose} mg disagree ({trough} and {again} ng/mL).",
    "No dose is shown.", "Report this fault of the program.",
)  # fmt: skip
BEST_DOSE_NOT_ALLOWED = _row(
    "best-dose-not-allowed", _CAUTION,
    "{dose} mg has the best target attainment, but it is not recommended.", "{reason}",
    source=BY_ROW,
)  # fmt: skip
DOSE_AT_THE_EDGE = _row(
    "dose-at-the-edge", _NOTE,
    "The dose is at the edge of the range searched.",
    "The range is {least} to {most} times the current {current} mg, up to the ceiling.",
    "Take a level before going further.",
)  # fmt: skip

# Adverse events.
PNEUMONITIS = _row("pneumonitis", _URGENT, *_PNEUMONITIS, source="rapalimus-label")
PNEUMONITIS_OVER = _row("pneumonitis", _NOTE, *_PNEUMONITIS, _OVER, source="rapalimus-label")
SERIOUS_EVENT = _row("serious-event", _URGENT, _EMERGENCY, _ACT)
SERIOUS_EVENT_OVER = _row("serious-event", _NOTE, _EMERGENCY, _OVER)
GRADE_3_OR_MORE = _row(
    "grade-3-or-more", _URGENT, "{what} is grade {grade}.", _ACT, source="ctcae5"
)
GRADE_3_OR_MORE_OVER = _row(
    "grade-3-or-more", _NOTE,
    "{what} was grade {grade}.", "A later value of {later} is recorded.",
    source="ctcae5",
)  # fmt: skip
NO_DOSE_RULE = _row(
    "no-dose-rule", _NOTE,
    "No source ties the dose to the grade: the local protocol decides.", "{done}",
    source="nadal2016",
)  # fmt: skip
EVENT_TERM_UNKNOWN = _row(
    "event-term-unknown", _CAUTION,
    "{term} is not in the table of adverse events.", "It is not compared with Nadal 2016.",
    "Did you mean {nearest}? Then void it and record it again.", "{serious} would be urgent.",
)  # fmt: skip
# Prophylaxis against Pneumocystis: a strong reason is a caution, a soft one a note.
ADVISE_PROPHYLAXIS_ON_STEROIDS = _row(
    "advise-prophylaxis-on-steroids", _CAUTION,
    "Pneumocystis prophylaxis is advised for this infant on steroids ({reasons}).",
    _BOTH_CASES, _DEATHS_OF_INFECTION, _NO_PROPHYLAXIS,
    source="kalbfell",
)  # fmt: skip
ADVISE_PROPHYLAXIS_IN_LYMPHOPENIA = _row(
    "advise-prophylaxis-in-lymphopenia", _CAUTION,
    "Pneumocystis prophylaxis is advised in lymphopenia ({reasons}).", _NO_PROPHYLAXIS,
    source="jop2023",
)  # fmt: skip
CONSIDER_PNEUMOCYSTIS_PROPHYLAXIS = _row(
    "consider-pneumocystis-prophylaxis", _NOTE,
    "Consider Pneumocystis prophylaxis ({reasons}).", _NO_PROPHYLAXIS,
    "With co-trimoxazole (195 patients) and without (112) serious infections did not differ.",
    "The local protocol decides.",
    source="ojrd2023",
)  # fmt: skip

# Laboratory values.
BASELINE_UNIT = _row(
    "baseline-unit", _NOTE,
    "The baseline is in {unit}, another unit.", "The value is graded by the ULN alone.",
    source="ctcae5",
)  # fmt: skip
BEYOND_THE_NUMBER = _row("beyond-the-number", _NOTE, "{remark}", source="ctcae5")
KASABACH_MERRITT_PLATELETS = _row(
    "kasabach-merritt-platelets", _CAUTION,
    "Kaposiform haemangioendothelioma and tufted angioma can lower platelets themselves "
    "(Kasabach-Merritt phenomenon).",
    "Compare with the baseline before the drug is blamed: {baseline}.",
)  # fmt: skip

# An entry before it is stored.
SAME_ENTRY = _row(
    "same-entry", _CAUTION,
    "The same entry was recorded at {at} (number {number}).", "Void one of them.",
)  # fmt: skip
ENTRY_OF_SAME_TIME = _row(
    "entry-of-same-time", _CAUTION,
    "{what} {number} is about the same time: {entry}.", "Check which of them is right.",
)  # fmt: skip
DOSE_AS_GIVEN = _row(
    "dose-as-given", _CAUTION,
    "The dose is recorded as it was given: {reason}.", "No limit stopped it.",
)  # fmt: skip

# Laboratory values beside their grades.
OUTSIDE_LIMITS = _row(
    "outside-limits", _NOTE,
    "{what} is {side} the laboratory's limit of normal, {limit}.",
    "It has no CTCAE grade here: judge it with the earlier values.",
)  # fmt: skip
PROTEIN_ON_DIPSTICK = _row(
    "protein-on-dipstick", _CAUTION,
    "A dipstick of {value} has no grade of its own.",
    "Measure protein/creatinine in urine.",
)  # fmt: skip
EVENT_BEFORE_BETTER_VALUE = _row(
    "event-before-better-value", _NOTE,
    "{what} was recorded as grade {grade}.", "A later value, {value}, has {later}.",
    "If the event is over, record its last day.",
)  # fmt: skip

CATALOGUE = tuple(row for row in list(globals().values()) if isinstance(row, AlertRow))
"""Every row. The codes of `dosing.knowledge.limits.LIMITS` are rows of that table instead."""
