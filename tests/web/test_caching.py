"""What a browser may keep of the public pages, and that it never shows what is no longer so."""

import hashlib
import re
from base64 import b64encode

import pytest

from tests import given
from tests.given import DAY, NOW

PAGES = ("/", "/recommendations", "/organisations", "/organisations/kent")


def answer(reader, path, etag=None):
    return reader.client.get(path, headers={"If-None-Match": etag} if etag else {})


def test_a_public_page_is_kept_and_asked_about_each_time(register, browse):
    given.a_published_notice()
    for path in PAGES:
        first = answer(browse(), path)
        assert first.headers["Cache-Control"] == "no-cache" and "Cookie" in first.headers["Vary"]
        again = answer(browse(), path, first.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"] and "Set-Cookie" not in again.headers
        assert "Content-Security-Policy" in again.headers


def test_whatever_changes_a_public_page_changes_its_validator(register, browse):
    seen = []

    def changed():
        seen.append(answer(browse(), "/").headers["ETag"])
        assert len(set(seen)) == len(seen)

    changed()
    notice = given.a_made_notice()
    changed()
    given.publish(notice)
    changed()
    assignment = given.assignment_of(notice)
    given.replied(assignment)
    changed()
    officer = given.the_case_officer()
    given.assignments.decide_publication(assignment.id, given.assignments.Extent("all"), actor=officer, now=NOW)
    changed()
    given.assignments.publish_response(assignment.id, actor=officer, now=NOW)
    changed()
    given.assignments.report_done(assignment.id, "Done.", actor=given.a_liaison_officer(), now=NOW)
    changed()
    assert answer(browse(), "/", seen[0]).status_code == 200


def test_a_new_day_is_a_new_page(register, browse):
    """A reply falls overdue, and what is published for a day appears, without any event."""
    notice = given.a_published_notice(titles=["Cords of tomorrow"], published_at=NOW + DAY)
    before = answer(browse(), "/")
    assert notice.reference and "Cords of tomorrow" not in before.text
    after = answer(browse(now=NOW + DAY), "/", before.headers["ETag"])
    assert after.status_code == 200 and "Cords of tomorrow" in after.text


def test_a_demonstration_is_another_page_than_a_register(register, browse):
    before = answer(browse(), "/").headers["ETag"]
    given.Installation.update(kind="demonstration").execute()
    after = answer(browse(), "/", before)
    assert after.status_code == 200 and after.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_who_is_signed_in_never_gets_or_leaves_a_kept_page(register, browse):
    public = answer(browse(), "/").headers["ETag"]
    inside = browse(given.the_case_officer())
    own = answer(inside, "/", public)
    assert own.status_code == 200 and "Sign out" in own.text
    assert own.headers["Cache-Control"] == "no-store" and "ETag" not in own.headers


@pytest.mark.parametrize("path", ["/sign-in", "/recommendations/LR-2026-9999", "/desk"])
def test_forms_refusals_and_pages_that_are_not_there_are_not_kept(register, browse, path):
    found = answer(browse(), path)
    assert found.headers["Cache-Control"] == "no-store" and "ETag" not in found.headers


def test_the_policy_names_the_one_inline_script_of_every_page(register, browse):
    found = answer(browse(), "/")
    scripts = re.findall(r"<script>(.*?)</script>", found.text, re.DOTALL)
    assert len(scripts) == 1
    digest = b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in found.headers["Content-Security-Policy"]
    assert "nonce" not in found.headers["Content-Security-Policy"]


def test_nothing_is_said_to_whoever_asks_by_another_name(register, browse):
    answer = browse().client.get("/", headers={"Host": "elsewhere.example.org", "If-None-Match": "*"})
    assert answer.status_code == 400
