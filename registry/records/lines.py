"""What a line of a list or desk shows of an assignment: of five joined tables only these columns are read."""

from peewee import ModelSelect

from registry.records.assignments import Assignment
from registry.records.organisations import Organisation
from registry.records.recommendations import Notice, Recommendation

# All that `rules.reading`, `rules.permissions` and the clock look at, and the names. Texts are left where they are.
_SHOWN = (
    Assignment.id,
    Assignment.recommendation,
    Assignment.organisation,
    Assignment.capacity,
    Assignment.basis,
    Assignment.statutory_last_day,
    Assignment.response_due_on,
    Assignment.extension_requested_on,
    Assignment.days_added,
    Assignment.invited_by,
    Assignment.acceptance,
    Assignment.received_on,
    Assignment.publication,
    Assignment.disclosure,
    Assignment.response_published_on,
    Assignment.implementation,
    Assignment.audit_result,
    Assignment.disputed,
    Assignment.checked_on,
    Assignment.sites_checked,
    Assignment.sites_total,
    Assignment.applicability,
    Recommendation.id,
    Recommendation.reference,
    Recommendation.title,
    Recommendation.implementation_public,
    Recommendation.audit_result_public,
    Organisation.id,
    Organisation.slug,
    Organisation.name,
)
_ON_DESKS = (Assignment.acknowledge_by, Assignment.publish_by, Notice.id, Notice.reference)


def of_list(query: ModelSelect) -> ModelSelect:
    """The same assignments with no more of each than a line of a list shows."""
    return query.select(*_SHOWN)


def of_desk(query: ModelSelect) -> ModelSelect:
    """The same assignments with no more of each than a line on a desk shows: its target days too."""
    return query.select(*_SHOWN, *_ON_DESKS)
