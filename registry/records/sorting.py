"""The orders that each list can be in. The first of each is the one nobody asked for.

Every key of a part is a column that an index can hold, and the last ones are ids: no two rows tie.
"""

from peewee import fn

from registry.records import search
from registry.records.assignments import Assignment
from registry.records.history import History
from registry.records.jobs import ReportJob
from registry.records.keyset import Part, Sort, parts
from registry.records.organisations import Organisation
from registry.records.recommendations import Notice, Recommendation
from registry.records.sign_ins import SignInAttempt
from registry.rules import searching

_MADE = (Notice.made_on, Notice.id, Recommendation.id)
# A reply owed by a day: what the partial index of open replies holds. That none has come is no secret.
_OWED = (
    (Assignment.acceptance == "awaiting") & Assignment.closed_on.is_null() & Assignment.response_due_on.is_null(False)
)
_NOT_OWED = (
    (Assignment.acceptance != "awaiting") | Assignment.closed_on.is_null(False) | Assignment.response_due_on.is_null()
)
_TITLE = fn.LOWER(Recommendation.title)

RECOMMENDATIONS = (
    Sort("newest", parts(*_MADE, descending=True)),
    Sort("oldest", parts(*_MADE)),
    Sort("title", parts(_TITLE, Recommendation.id)),
)


def recommendations(text: str) -> tuple[Sort, ...]:
    """The orders of the list of recommendations; with words to search for, the best match comes first."""
    query = searching.parse(text)
    if not query.wanted:
        return RECOMMENDATIONS
    titled = search.in_title(query)
    # Who has the words in the title, then the others; among each, what came onto the register last.
    best = (Part((Recommendation.id,), titled, descending=True), Part((Recommendation.id,), ~titled, descending=True))
    return (Sort("best", best), *RECOMMENDATIONS)


_NEWEST = Sort("newest", parts(Notice.made_on, Notice.id, Assignment.id, descending=True))
# Replies still owed come first, by their day; then the others, the latest put to somebody first.
_DUE = Sort(
    "due",
    (
        Part((Assignment.response_due_on, Assignment.id), _OWED),
        Part((Assignment.id,), _NOT_OWED, descending=True),
    ),
)
_BY_ORGANISATION = Sort("organisation", parts(Organisation.name, Organisation.id, Assignment.id))
_BY_TITLE = Sort("title", parts(_TITLE, Recommendation.id, Assignment.id))

OVERDUE = (Sort("due", (Part((Assignment.response_due_on, Assignment.id)),)), _BY_ORGANISATION, _BY_TITLE)

ASSIGNMENTS = (_DUE, _NEWEST, _BY_ORGANISATION, _BY_TITLE)
OF_ORGANISATION = (_NEWEST, _DUE, _BY_TITLE)

DRAFTS = (Sort("newest", parts(Notice.id, descending=True)), Sort("oldest", parts(Notice.id)))
REPORTS = (Sort("newest", parts(ReportJob.id, descending=True)), Sort("oldest", parts(ReportJob.id)))
EVENTS = (Sort("newest", parts(History.id, descending=True)), Sort("oldest", parts(History.id)))
SIGN_INS = (Sort("newest", parts(SignInAttempt.id, descending=True)),)

# The piles of the desks, what is most urgent first.
OWED = Sort("due", parts(Assignment.response_due_on, Assignment.id))
TO_PUBLISH = Sort("publish", (Part((Assignment.publish_by, Assignment.id)),))
TO_HANDLE = Sort("publish", parts(Assignment.publish_by, Assignment.id))
TO_ACKNOWLEDGE = Sort("acknowledge", parts(Assignment.acknowledge_by, Assignment.id))
