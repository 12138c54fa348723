"""FHIR R4: what another system reported, in; the record, out."""
