"""The record as a Bundle of FHIR R4 (4.0.1), for other systems.

>>> from monitoring.exchange.fhir.writing import write_fhir
"""

from monitoring.exchange.fhir.writing.bundle import bundle_of, write_fhir

__all__ = ["bundle_of", "write_fhir"]
