"""The waits, and what is kept of an address, a network and a browser."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies

from registry.rules import sign_ins

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def tries(count):
    return [NOW + number * SECOND for number in range(count)]


@pytest.mark.parametrize(
    ("count", "minutes"), [(0, None), (4, None), (5, 15), (7, 15), (8, 30), (10, 30), (11, 60), (40, 60)]
)
def test_the_wait_for_an_address_grows_with_the_wrong_passwords_and_ends(count, minutes):
    expected = None if minutes is None else NOW + (count - 1) * SECOND + timedelta(minutes=minutes)
    assert sign_ins.account_free_at(tries(count)) == expected


def test_a_network_waits_until_fewer_than_the_most_are_in_the_window():
    assert sign_ins.network_free_at(tries(29)) is None
    assert sign_ins.network_free_at(tries(30)) == NOW + sign_ins.NETWORK_WINDOW
    assert sign_ins.network_free_at(tries(35)) == NOW + 5 * SECOND + sign_ins.NETWORK_WINDOW


def test_an_address_is_counted_whatever_its_case_and_kept_as_a_hash():
    assert sign_ins.account(" Some.Body@Example.org ") == sign_ins.account("some.body@example.org")
    assert "some" not in sign_ins.account("some.body@example.org")


@given(strategies.text(max_size=300))
def test_whatever_is_typed_or_sent_fits_the_columns(text):
    assert len(sign_ins.account(text)) == 64
    assert len(sign_ins.network(text)) <= 45
    assert len(sign_ins.agent_label(text)) <= 60


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::99", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_person_with_many_addresses_is_one_network(ip, network):
    assert sign_ins.network(ip) == network


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_told_coarsely(agent, label):
    assert sign_ins.agent_label(agent) == label
