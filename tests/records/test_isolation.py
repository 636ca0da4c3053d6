"""The test databases themselves: empty, whole, and nothing left over from the test before."""

import pytest

from registry.records.database import database as bound
from registry.records.history import History
from registry.records.organisations import Organisation
from registry.records.recommendations import Notice
from tests import given


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_begins_with_an_empty_database(database, turn):
    assert Organisation.select().count() == History.select().count() == 0
    given.a_register()
    given.a_made_notice()
    assert Notice.select().count() == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_a_shared_database_begins_empty_and_is_seen_by_other_threads(shared_database, turn):
    assert Organisation.select().count() == 0
    given.a_register()
    assert given.together(Organisation.select().count, Organisation.select().count) == [9, 9]


def test_a_test_without_a_database_has_none():
    with pytest.raises(AttributeError):
        bound.execute_sql("SELECT 1")
