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
        assert re.fullmatch(r"[/a-z0-9-]*", fixed), rule.rule


def test_a_page_nobody_signed_in_for_leads_to_the_sign_in(register, browse):
    given.a_made_notice()
    reader = browse()
    for rule in rules_of(reader.client.application):
        permission = reader.client.application.view_functions[rule.endpoint].permission
        if "public" in PERMISSIONS[permission] or "GET" not in rule.methods:
            continue
        path = re.sub(r"<id:[^>]+>", "1", rule.rule)
        path = re.sub(r"<reference:[^>]+>", "LN-2026-0001", path)
        answer = reader.get(path, status=302)
        assert answer.location.startswith("/sign-in"), path


def test_reading_a_page_never_writes(register, browse):
    given.an_assignment(published=True)
    given.a_draft()
    before = table_sizes()
    for person in (None, *vars(given.people()).values(), given.a_liaison_officer(), given.an_auditor()):
        reader = browse(person)
        for rule in rules_of(reader.client.application):
            if "GET" in rule.methods:
                path = re.sub(r"<id:[^>]+>", "1", rule.rule)
                path = re.sub(r"<reference:[^>]+>", "LR-2026-0001", path)
                path = re.sub(r"<slug:[^>]+>", "kent", path)
                answer = reader.client.get(path)
                assert answer.status_code < 500, path
    after = table_sizes()
    ignored = {"person", "membership"}  # made by the loop's own people
    assert {k: v for k, v in before.items() if k not in ignored} == {k: v for k, v in after.items() if k not in ignored}


def table_sizes():
    from registry.records import MODELS

    return {model._meta.table_name: model.select().count() for model in MODELS}
