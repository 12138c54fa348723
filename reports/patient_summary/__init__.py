"""The patient summary on paper, for a colleague without the program."""

from reports.patient_summary.document import patient_summary_pdf, proposed_file_name

__all__ = ["patient_summary_pdf", "proposed_file_name"]
