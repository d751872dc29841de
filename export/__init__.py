"""What leaves the house: DATEV, agency files, letters, mail, and the outbox that sends once."""
