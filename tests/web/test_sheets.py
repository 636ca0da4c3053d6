"""Every list as a CSV file: the same rows as the page, and no more than the reader may see."""

import csv
import io

import pytest

from registry.actions.sign_ins import Origin, log_refusal
from registry.records.installation import Installation
from registry.records.recommendations import Recommendation
from registry.web import sheets
from tests import given
from tests.given import NOW

FILES = (
    "/recommendations.csv",
    "/organisations.csv",
    "/organisations/kent.csv",
    "/assignments.csv",
    "/drafts.csv",
    "/reports.csv",
)


def rows(reader, path):
    answer = reader.client.get(path)
    assert answer.status_code == 200 and answer.mimetype == "text/csv", path
    assert answer.data.startswith(b"\xef\xbb\xbf") and b"\r\n" in answer.data
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_a_file_holds_what_the_page_lists_in_the_same_order(register, browse):
    given.a_published_notice(titles=["Bells", "Cords"])
    given.a_published_notice(titles=["Alarms"], basis="section_10")
    given.a_made_notice(titles=["Secret"])
    reader = browse()
    assert [row["title"] for row in rows(reader, "/recommendations.csv?sort=title")] == ["Alarms", "Bells", "Cords"]
    assert [row["title"] for row in rows(reader, "/recommendations.csv?basis=section_10")] == ["Alarms"]
    assert [row["title"] for row in rows(reader, "/recommendations.csv?q=bell")] == ["Bells"]
    one = rows(reader, "/recommendations.csv?q=bell")[0]
    assert (one["basis"], one["basis_words"], one["made_on"]) == ("28a", "Paragraph 28A", "2026-03-02")


def test_facts_the_reader_may_not_see_are_empty_cells(register, browse):
    assignment = given.an_assignment(published=True)
    given.replied(assignment, "not_accepted")
    hidden = ("acceptance", "acceptance_words", "received_on", "implementation", "audit_result", "acknowledged_on")
    public = rows(browse(), "/organisations/kent.csv")[0]
    assert [public[name] for name in hidden] == [""] * len(hidden)
    assert public["reply_clock"] == "replied_in_time" and "ccepted" not in public["summary"]
    inside = rows(browse(given.the_case_officer()), "/organisations/kent.csv")[0]
    assert inside["acceptance"] == "not_accepted" and inside["received_on"] == "2026-03-02"
    assert inside["days_late"] == "0" and inside["disputed"] == "false"


def test_another_forces_business_is_in_no_file(register, browse):
    given.a_made_notice(to=["kent"], titles=["Secret"])
    essex = browse(given.a_liaison_officer("essex"))
    assert rows(essex, "/assignments.csv") == rows(essex, "/organisations/kent.csv") == []
    assert [row["title"] for row in rows(browse(given.a_liaison_officer()), "/assignments.csv")] == ["Secret"]


def test_organisations_drafts_and_reports_have_files_too(register, browse):
    given.a_published_notice()
    given.a_draft(titles=["Half done"])
    reader = browse(given.the_author())
    kent = [row for row in rows(reader, "/organisations.csv") if row["organisation"] == "kent"]
    assert kent[0]["recommendations"] == "1" and kent[0]["type_words"] == "Territorial force"
    assert [(row["title"], row["state"]) for row in rows(reader, "/drafts.csv")] == [("Half done", "draft")]
    assert rows(reader, "/reports.csv") == []


@pytest.mark.parametrize("path", FILES[3:])
def test_a_file_is_not_for_somebody_who_may_not_open_the_page(register, browse, path):
    browse().get(path, status=302)
    reader = browse(given.a_policing_body_reader())
    reader.get(path, status=200 if path == "/assignments.csv" else 404)


def test_who_holds_which_role_is_a_file_for_those_who_manage_them(register, browse):
    given.a_liaison_officer()
    for reader in (browse(given.a_lead()), browse(given.the_administrator())):
        found = rows(reader, "/people/organisations/kent.csv")
        assert [(one["email"], one["role"], one["lead"]) for one in found] == [
            ("lead@kent.example.org", "liaison_officer", "true"),
            ("liaison@kent.example.org", "liaison_officer", "false"),
        ]
        assert found[0]["from_on"] == "2020-01-01" and found[0]["to_on"] == ""
        reader.get("/people/organisations/kent")
        assert 'href="/people/organisations/kent.csv"' in reader.html
    browse().get("/people/organisations/kent.csv", status=302)
    for actor in (given.a_lead("essex"), given.a_liaison_officer(), given.the_case_officer()):
        assert browse(actor).client.get("/people/organisations/kent.csv").status_code in (403, 404)


def test_the_security_log_is_a_file_for_the_administrator_only(register, browse):
    log_refusal("link_refused", origin=Origin("127.0.0.1", "A test"), now=NOW)
    reader = browse(given.the_administrator())
    assert [one["outcome"] for one in rows(reader, "/people/sign-ins.csv")] == ["link_refused"]
    assert rows(reader, "/people/sign-ins.csv?outcome=wrong") == []
    for actor in (given.a_lead(), given.the_case_officer()):
        assert browse(actor).client.get("/people/sign-ins.csv").status_code in (403, 404)


def test_a_cell_is_never_run_as_a_formula(register, browse):
    given.a_published_notice(titles=['=HYPERLINK("http://example.org","x")'], body=" @SUM(A1)")
    one = rows(browse(), "/recommendations.csv")[0]
    assert one["title"] == '\'=HYPERLINK("http://example.org","x")' and one["body"].startswith("'")


def test_the_file_has_a_name_and_is_not_guessed_at(register, browse):
    answer = browse().client.get("/recommendations.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recommendations-2026-03-02.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_a_demonstration_says_in_every_row_and_in_the_name_that_it_is_invented(register, browse):
    given.a_published_notice()
    assert "demonstration" not in rows(browse(), "/recommendations.csv")[0]
    Installation.update(kind="demonstration").execute()
    reader = browse()
    for path in FILES[:3]:
        assert {row["demonstration"] for row in rows(reader, path)} == {"invented"}
        with reader.client.get(path) as answer:
            assert 'filename="demonstration-' in answer.headers["Content-Disposition"]


def test_every_list_links_to_its_file_with_its_filters(register, browse):
    given.a_published_notice()
    given.a_draft()
    reader = browse(given.the_author())
    for path in ("/recommendations", "/organisations", "/organisations/kent", "/assignments", "/drafts"):
        reader.get(f"{path}?sort=newest&after=x")
        found = [a.get("href") for a in reader.page.iter("a") if a.text == "Download as CSV"]
        assert found == [f"{path}.csv?sort=newest"]


def test_a_long_file_is_read_some_rows_at_a_time(register, browse, monkeypatch):
    monkeypatch.setattr(sheets, "BATCH", 4)
    reader = browse(given.the_case_officer())
    for path in FILES:
        rows(reader, path)
    asked_for = {}
    for _more in (1, 2):
        given.a_published_notice(to=["kent", "essex"], titles=[f"Number {n}" for n in range(4)], made_at=NOW)
        for path in FILES:
            with given.queries() as asked:
                rows(reader, path)
            asked_for.setdefault(path, []).append(len(asked))
    assert Recommendation.select().count() == 8
    for path, counts in asked_for.items():
        # One more question for each batch of four, and none for a row.
        assert counts[0] <= 8 and counts[1] - counts[0] <= 2, (path, counts)
