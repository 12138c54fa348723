"""FHIR R4 in: Observations and their reports, patients, doses, adverse events, conditions."""

from monitoring.exchange.fhir.reading.reader import fhir_kind, read_fhir

__all__ = ["fhir_kind", "read_fhir"]
