"""The orders that each list can be in. The first of each is the one nobody asked for.

Every key of a part is a column that an index can hold, and the last ones are ids: no two rows tie.
"""

from peewee import fn

from registry.records.assignments import Assignment
from registry.records.jobs import ReportJob
from registry.records.keyset import Sort, parts
from registry.records.organisations import Organisation
from registry.records.recommendations import Notice, Recommendation

_MADE = (Notice.made_on, Notice.id, Recommendation.id)
# An open reply: what the partial index of open replies holds. That none has come is no secret.
_OPEN = (Assignment.acceptance == "awaiting") & Assignment.closed_on.is_null()
_CLOSED = (Assignment.acceptance != "awaiting") | Assignment.closed_on.is_null(False)
_TITLE = fn.LOWER(Recommendation.title)

RECOMMENDATIONS = (
    Sort("newest", parts(*_MADE, descending=True)),
    Sort("oldest", parts(*_MADE)),
    Sort("title", parts(_TITLE, Recommendation.id)),
)

_NEWEST = Sort("newest", parts(Notice.made_on, Notice.id, Assignment.id, descending=True))
# Replies still owed come first, by their day; then the others, the latest day first; then those without a day.
_DUE = Sort(
    "due",
    (
        parts(Assignment.response_due_on, Assignment.id, where=_OPEN)[0],
        parts(Assignment.response_due_on, Assignment.id, where=_CLOSED, descending=True)[0],
        parts(Assignment.response_due_on, Assignment.id, descending=True)[1],
    ),
)
_BY_ORGANISATION = Sort("organisation", parts(Organisation.name, Organisation.id, Assignment.id))
_BY_TITLE = Sort("title", parts(_TITLE, Recommendation.id, Assignment.id))

ASSIGNMENTS = (_DUE, _NEWEST, _BY_ORGANISATION, _BY_TITLE)
OF_ORGANISATION = (_NEWEST, _DUE, _BY_TITLE)

DRAFTS = (Sort("newest", parts(Notice.id, descending=True)), Sort("oldest", parts(Notice.id)))
REPORTS = (Sort("newest", parts(ReportJob.id, descending=True)), Sort("oldest", parts(ReportJob.id)))
