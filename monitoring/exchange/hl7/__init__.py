"""HL7 v2: what a laboratory sends, read as `monitoring.exchange.incoming`, and levels written."""
