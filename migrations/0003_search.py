"""The search table has a new form: it is dropped here, and made and filled again by the guards after every migrate."""


def up(migrator, db):
    db.execute_sql("DROP TABLE IF EXISTS recommendation_search")
