"""Facts of law and of the house: pure functions and tables. No database, no web, no clock, no environment."""
