"""Rules about the routes themselves."""

import re

from registry.rules.permissions import PERMISSIONS
from tests import given


def rules_of(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_route_states_a_permission_that_exists(database, browse):
    app = browse().client.application
    for rule in rules_of(app):
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        assert permission in PERMISSIONS, f"{rule.rule} states no permission"


def test_every_path_is_kebab_case(database, browse):
    for rule in rules_of(browse().client.application):
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[/a-z0-9-]*(\.csv)?", fixed), rule.rule


def test_a_page_nobody_signed_in_for_leads_to_the_sign_in(register, browse):
    given.a_made_notice()
    reader = browse()
    for rule in rules_of(reader.client.application):
        permission = reader.client.application.view_functions[rule.endpoint].permission
        if "public" in PERMISSIONS[permission] or "GET" not in rule.methods:
            continue
        path = address(rule.rule)
        answer = reader.get(path, status=302)
        assert answer.location.startswith("/sign-in"), path


def test_reading_a_page_never_writes(register, browse):
    given.an_assignment(published=True)
    given.a_draft()
    people = [None, *vars(given.people()).values(), given.a_liaison_officer(), given.an_auditor()]
    opened = 0
    for person in people:
        reader = browse(person)
        for rule in rules_of(reader.client.application):
            if "GET" in rule.methods:
                with given.queries() as sent:
                    answer = reader.client.get(address(rule.rule))
                    answer.get_data()
                assert answer.status_code in (200, 302, 403, 404, 409), address(rule.rule)
                assert not [sql for sql in sent if sql.lstrip().upper().startswith(WRITES)], address(rule.rule)
                opened += answer.status_code == 200
    assert opened > 60, "most pages were not opened at all"


WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP")


def address(rule):
    reference = "LN-2026-0001" if "/notices/" in rule else "LR-2026-0001"
    path = re.sub(r"<id:draft_id>", "2", rule)
    path = re.sub(r"<id:[^>]+>", "1", path)
    path = re.sub(r"<reference:[^>]+>", reference, path)
    return re.sub(r"<slug:[^>]+>", "kent", path)
