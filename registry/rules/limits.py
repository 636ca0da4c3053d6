"""How long a text may be, in characters. One table for the forms, the imports and the columns."""

LINE = 200
PARAGRAPHS = 20_000
NOTE = 4_000
REFERENCE = 60
EMAIL = 254
RECOMMENDATIONS_IN_A_NOTICE = 30
