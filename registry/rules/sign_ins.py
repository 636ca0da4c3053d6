"""How often a password may be tried, and for how long a sign-in lasts. Pure: counts and instants in, instants out."""

import hashlib
import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

# The tries of this long count against an address, since its last success.
ACCOUNT_WINDOW = timedelta(hours=24)
# From so many wrong passwords on, the next try has to wait so long after the last.
ACCOUNT_WAITS = (
    (5, timedelta(minutes=15)),
    (8, timedelta(minutes=30)),
    (11, timedelta(hours=1)),
)
# So many refused tries from one network in so long, whoever they are for.
NETWORK_WINDOW = timedelta(minutes=15)
NETWORK_MOST = 30
# Where somebody signed in within this time only their own wrong passwords count: others' guessing, from there or from
# elsewhere, does not shut them out.
KNOWN_NETWORK = timedelta(days=30)
# So many messages to reset a password for one address in so long; whoever asks more often is told the same.
RESET_WINDOW = timedelta(minutes=15)
RESET_MOST = 3

# purpose -> how long a one-time link can be used
LINKS = {"invitation": timedelta(hours=72), "reset": timedelta(hours=1)}

# Names of browsers and systems, as they give themselves, in the order in which to look: Edge also says Chrome.
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def account_free_at(tries: Sequence[datetime]) -> datetime | None:
    """When a password for an address may be tried again after wrong ones (any order); None: now."""
    waits = [wait for count, wait in ACCOUNT_WAITS if len(tries) >= count]
    return max(tries) + waits[-1] if waits else None


def network_free_at(tries: Sequence[datetime]) -> datetime | None:
    """When a network may try again after the refused tries of the window (any order); None: now."""
    if len(tries) < NETWORK_MOST:
        return None
    return sorted(tries)[-NETWORK_MOST] + NETWORK_WINDOW


def account(email: str) -> str:
    """What stands for an address in the log: a hash, since people type passwords into the wrong field."""
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()


def network(ip: str) -> str:
    """The address that counts: an IPv4 address, or the /64 of an IPv6 one, of which one person has any number."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def agent_label(user_agent: str) -> str:
    """What kind of browser it is, coarsely: enough to know one's own by, too little to follow anybody with."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "Another browser")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser}, {system}" if system else browser
