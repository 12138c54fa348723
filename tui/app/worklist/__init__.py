"""The worklist: home, one row a patient."""
