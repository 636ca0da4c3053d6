from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules import permissions, reminders
from registry.rules.reminders import POLICY, Step, reaches

TODAY = date(2026, 3, 2)
days_off = st.integers(-120, 120)


def reached(due_on, today=TODAY, clock="reply", policy=POLICY):
    """The steps of one clock that an item with this due date stands on today."""
    return [
        reach.step.name
        for reach in reaches(today, policy)
        if reach.clock == clock and due_on <= reach.until and (reach.after is None or due_on > reach.after)
    ]


@given(days_off)
def test_an_item_stands_on_one_step_of_a_ladder_at_most(offset):
    for clock in POLICY:
        assert len(reached(TODAY + timedelta(days=offset), clock=clock)) <= 1


@given(days_off)
def test_an_item_stands_on_the_latest_step_whose_day_has_come(offset):
    due_on = TODAY + timedelta(days=offset)
    for clock, ladder in POLICY.items():
        passed = [step.name for step in ladder if due_on + timedelta(days=step.days) <= TODAY]
        assert reached(due_on, clock=clock) == passed[-1:]


@pytest.mark.parametrize(
    ("days_left", "steps"),
    [
        (15, []),
        (14, ["reply_in_14_days"]),
        (4, ["reply_in_14_days"]),
        (3, ["reply_in_3_days"]),
        (0, ["reply_in_3_days"]),
        (-1, ["reply_overdue"]),
        (-13, ["reply_overdue"]),
        (-14, ["reply_overdue_14_days"]),
        (-400, ["reply_overdue_14_days"]),
    ],
)
def test_the_reply_ladder_step_by_step(days_left, steps):
    assert reached(TODAY + timedelta(days=days_left)) == steps


def test_after_a_week_without_the_worker_only_the_latest_step_is_sent():
    """Due in four days when it stopped, three days over when it came back."""
    assert reached(TODAY - timedelta(days=3)) == ["reply_overdue"]


def test_an_extended_item_starts_at_the_foot_of_its_ladder_again():
    assert reached(TODAY - timedelta(days=1)) == ["reply_overdue"]
    assert reached(TODAY + timedelta(days=27)) == []
    assert reached(TODAY + timedelta(days=27), today=TODAY + timedelta(days=13)) == ["reply_in_14_days"]


@given(days_off, st.integers(0, 30))
def test_waiting_never_takes_a_step_back(offset, later):
    due_on = TODAY + timedelta(days=offset)
    names = [step.name for step in POLICY["reply"]]
    now = reached(due_on)
    after = reached(due_on, today=TODAY + timedelta(days=later))
    assert not now or names.index(after[0]) >= names.index(now[0])


def test_another_policy_is_obeyed():
    policy = {"reply": (Step("one", -7, ()), Step("two", 7, ()))}
    assert reached(TODAY + timedelta(days=7), policy=policy) == ["one"]
    assert reached(TODAY - timedelta(days=7), policy=policy) == ["two"]


def test_every_ladder_climbs():
    for ladder in POLICY.values():
        assert [step.days for step in ladder] == sorted({step.days for step in ladder})


def test_no_two_steps_share_a_name():
    names = [step.name for _, step in reminders.steps()]
    assert len(names) == len(set(names)) == sum(map(len, POLICY.values()))


def test_reminders_go_to_roles_that_exist():
    assert {role for _, step in reminders.steps() for role in step.roles} <= set(permissions.ROLES)


def test_nobody_is_told_they_are_overdue_before_the_due_day_is_over():
    late = [step for _, step in reminders.steps() if "overdue" in step.name]
    assert late and all(step.days >= 1 for step in late)
