"""Reports: a patient's record and the clinic's figures on paper."""
