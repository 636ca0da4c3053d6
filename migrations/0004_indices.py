"""Indices for lists by making, by name and by title, for open assignments of one organisation, and for waiting replies.

Frozen: this is a copy of the indices as they stood, and does not follow the models.
"""

INDICES = (
    'CREATE INDEX IF NOT EXISTS "organisation_name" ON "organisation" ("name", "id")',
    'CREATE INDEX IF NOT EXISTS "recommendation_title" ON "recommendation" (LOWER("title"), "id")',
    'CREATE INDEX IF NOT EXISTS "notice_made" ON "notice" ("made_on", "id")',
    'CREATE INDEX IF NOT EXISTS "assignment_own_open" ON "assignment" ("organisation_id", "response_due_on", "id") WHERE ("closed_on" IS NULL)',
    'CREATE INDEX IF NOT EXISTS "assignment_to_handle" ON "assignment" ("publish_by", "id") WHERE ((("closed_on" IS NULL) AND ("received_on" IS NOT NULL)) AND ((("publication" IS NULL) OR ("disclosure" IS NULL)) OR ("response_published_on" IS NULL)))',
)


def up(migrator, db):
    for statement in INDICES:
        db.execute_sql(statement)
