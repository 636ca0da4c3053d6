"""What is sent by mistake or in bad faith: a plain page says no, nothing is written, and nothing breaks."""

import io
import re

import pytest

from registry import config
from registry.app import MAX_BODY_BYTES, create_app
from registry.records import history
from registry.records.assignments import Assignment
from registry.records.recommendations import Notice
from registry.records.recommendations import Recommendation as RecommendationTable
from tests import given
from tests.web.browsing import Browser, check_page

HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}
BREAKING = ("Traceback", "Internal Server Error", "werkzeug", "peewee", "psycopg", "sqlite3")


@pytest.fixture
def assignment(register):
    given.a_policing_body_reader()
    return given.an_assignment(published=True)


@pytest.fixture
def author(assignment, browse):
    return browse(given.the_author())


@pytest.fixture
def officer(assignment, browse):
    return browse(given.a_liaison_officer())


def refused(answer, *statuses):
    """A plain page with one of the statuses and all the headers, that says nothing of what it is made of."""
    assert answer.status_code in statuses, f"{answer.request.path}: {answer.status_code}, not {statuses}"
    for name, value in HEADERS.items():
        assert value in answer.headers.get(name, ""), name
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.get_data(as_text=True)
    assert not [word for word in BREAKING if word in text]
    if answer.mimetype == "text/html" and answer.status_code not in (302, 308) and text:
        check_page(text, answer.request.path)
    return answer


@pytest.fixture(autouse=True)
def nothing_is_written(request, assignment):
    before = history.length(), state()
    yield
    if "writes" not in request.keywords:
        assert (history.length(), state()) == before


def ours(rest=""):
    """The address of the assignment, or of what can be done with it."""
    return f"/assignments/{Assignment.get().id}{rest}"


def state():
    return (
        list(Notice.select().order_by(Notice.id).dicts()),
        list(RecommendationTable.select().order_by(RecommendationTable.id).dicts()),
    )


# ---- bodies


def test_a_body_of_more_than_two_megabytes_is_refused_with_its_limit(author):
    page = refused(author.client.post("/drafts/new", data={"background": "x" * MAX_BODY_BYTES}), 413)
    assert "2 megabytes" in page.text


def test_a_large_body_of_any_kind_to_any_page_is_refused(author):
    for path in ("/", "/sign-in", "/nowhere", "/desk", "/static/registry.css"):
        for kind in ("application/json", "text/plain", "application/octet-stream"):
            refused(author.client.post(path, data=b"x" * (MAX_BODY_BYTES + 1), content_type=kind), 413)


def test_a_body_that_does_not_say_how_long_it_is_is_refused_when_it_grows_too_large(author):
    """As a server hands on what came in chunks: without a length, and ended."""
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        body = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"x" * MAX_BODY_BYTES
        chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        sent = {"input_stream": io.BytesIO(body), "content_type": kind, "environ_overrides": chunked}
        refused(author.client.post("/sign-in", **sent), 413)


@pytest.mark.parametrize("kind", ["application/json", "application/xml", "text/plain", "text/html", "", "x", "a/b;c=d"])
@pytest.mark.parametrize("path", ["/sign-in", "/drafts/new", "/reports", "/acknowledge", "/sign-out"])
def test_a_body_that_is_not_a_form_is_refused(author, kind, path):
    body = b'{"csrf_token": "x", "email": "a@example.org"}'
    path = ours(path) if path == "/acknowledge" else path
    refused(author.client.post(path, data=body, content_type=kind), 400)


BROKEN = {
    "no boundary": (b"--x\r\n\r\n", "multipart/form-data"),
    "empty boundary": (b"--\r\n\r\n", "multipart/form-data; boundary="),
    "cut short": (b'--x\r\nContent-Disposition: form-data; name="a"', "multipart/form-data; boundary=x"),
    "no end": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nv', "multipart/form-data; boundary=x"),
    "no name": (b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "no disposition": (b"--x\r\nX: y\r\n\r\nv\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "long header": (b"--x\r\n" + b"X" * 90_000 + b": y\r\n\r\nv\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "another boundary": (b"--y\r\n\r\nv\r\n--y--\r\n", "multipart/form-data; boundary=x"),
    "not latin": (b"--\xff\r\n\r\nv\r\n--\xff--", "multipart/form-data; boundary=\xff"),
    "unknown charset": (b"a=b", "application/x-www-form-urlencoded; charset=nonsense"),
    "percent": (b"%=%&%zz=%zz&%00=%ff%fe", "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_is_refused(author, name):
    body, kind = BROKEN[name]
    for path in ("/sign-in", "/drafts/new", ours("/respond")):
        refused(author.client.post(path, data=body, content_type=kind), 400, 403, 413)


def test_a_file_where_a_text_is_expected_is_refused(author):
    files = {"csrf_token": author._token(), "background": (io.BytesIO(b"%PDF-1.7"), "notes.pdf")}
    refused(author.client.post("/drafts/new", data=files, content_type="multipart/form-data"), 400)


@pytest.mark.parametrize("count", [401, 999, 1001, 60_000])
def test_more_values_than_any_form_has_are_refused(author, count):
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        if count < 2000 or kind.startswith("application"):
            data = {"csrf_token": author._token(), **{f"recipients-{n}": "x" for n in range(count)}}
            refused(author.client.post("/drafts/new", data=data, content_type=kind), 400, 413)
    same = {"csrf_token": author._token(), "recipients": ["kent"] * count}
    refused(author.client.post("/drafts/new", data=same), 400)


# ---- texts

UNSEEN = ["\x00", "\x07", "\x1b[31m", "\x7f", "\u202e", "\ufffd", "a\x00b"]


@pytest.mark.parametrize("text", UNSEEN)
def test_a_character_nobody_can_see_is_refused_with_the_name_of_the_field(author, browse, text):
    author.post("/drafts/new", status=400, **{"recommendations-0-title": f"Cords{text}", "basis": "28a"})
    assert any("character that cannot be shown" in error for error in author.errors())
    person = browse()
    person.post("/sign-in", status=400, email=f"a{text}@example.org", password="x")
    liaison = browse(given.a_liaison_officer())
    for path, field in (("respond", "action_taken"), ("report-progress", "text"), ("respond", "representations")):
        sent = {field: f"Done{text}", "acceptance": "accepted", "revision": "0"}
        liaison.post(ours(f"/{path}"), status=400, **sent)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\xed\xa0\x80", b"\xc3\x28", b"\xf0\x28\x8c\x28", b"\xed\xbf\xbf"])
def test_bytes_that_are_no_text_are_refused(officer, raw):
    token = officer._token().encode()
    for kind, body in (
        ("application/x-www-form-urlencoded", b"csrf_token=" + token + b"&text=" + raw),
        ("multipart/form-data; boundary=x", _part(b"csrf_token", token) + _part(b"text", raw) + b"--x--\r\n"),
    ):
        refused(officer.client.post(ours("/report-progress"), data=body, content_type=kind), 400)


def _part(name, value):
    return b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"


NUMBERS = ["0", "-1", "2147483648", "9223372036854775808", "1" * 400, "1e3", "0x1", "1.5", "\u0661", "1%00", " 1", "+1"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_no_row_can_have_is_a_page_that_is_not_there(author, number):
    for path in ("/drafts/{}", "/assignments/{}", "/reports/{}", "/drafts/{}/approve", "/assignments/{}/respond"):
        refused(author.client.get(path.format(number)), 404, 403)
    for field in ("revision",):
        author.post("/drafts/new", status=400, **{field: number, "recommendations-0-topic": number})


@pytest.mark.parametrize("number", [*NUMBERS, "", "None", "two", "2" * 5000])
def test_odd_numbers_in_a_query_are_taken_for_none(officer, number):
    for path in ("/recommendations", "/assignments", "/organisations/kent"):
        answer = officer.client.get(path, query_string={"page": number[:3000], "year": number[:900]})
        assert answer.status_code == 200, (path, number)


@pytest.mark.parametrize(
    "parts",
    [
        ("1", "1", "0000"),
        ("1", "1", "10000"),
        ("1", "1", "99999999999999999999"),
        ("31", "2", "2026"),
        ("0", "0", "0"),
        ("-1", "-1", "-1"),
        ("1", "1", "0001"),
        ("1", "1", "1984"),
        ("\u0661", "1", "2026\x00"),
        ("1", "1"),
        ("1", "1", "2026", "1", "1"),
        ("nan", "inf", "1e3"),
    ],
)
def test_a_day_that_is_none_is_asked_for_again(assignment, browse, parts):
    clerk = browse(given.the_case_officer())
    sent = {"contacted_on": list(parts), "channel": "email", "note": ""}
    clerk.post(ours("/log-contact"), status=400, **sent)
    assert clerk.errors()


@pytest.mark.parametrize("year", ["9999", "2100"])
def test_a_day_to_come_is_refused_in_words(assignment, browse, year):
    clerk = browse(given.the_case_officer())
    clerk.post(
        ours("/log-contact"),
        status=409,
        **{"contacted_on": ["31", "12", year], "channel": "email", "note": "x"},
    )
    assert clerk.errors() == ["The day of the contact cannot be in the future."]


ODD_QUERIES = [
    "q=" + "x" * 3900,
    "q=%00",
    "q=%ff%fe",
    "q=%ed%a0%80",
    "q='%20OR%201=1--",
    "q=%22%20AND%20(",
    "q=NEAR(a%20b)*",
    "q=%5C&q=%27",
    "q=a&q=b&year=2026&year=2025&organisation=kent&organisation=essex",
    "organisation=%27%3B%20DROP%20TABLE%20notice",
    "topic=..%2f..%2fetc",
    "acceptance[]=accepted",
    "year=0000",
    "year=9999",
    "page=0&page=-1",
    "%00=%00",
    "=&=&&&;",
    "_method=DELETE&q=x",
]


@pytest.mark.parametrize("query", ODD_QUERIES)
@pytest.mark.parametrize("path", ["/recommendations", "/assignments"])
def test_an_odd_query_finds_little_and_breaks_nothing(officer, path, query):
    answer = officer.client.get(f"{path}?{query}")
    assert answer.status_code == 200
    check_page(answer.text, path)


def test_an_address_longer_than_any_of_ours_is_refused(officer):
    refused(officer.client.get("/recommendations?q=" + "x" * 4100), 414)
    refused(officer.client.get("/" + "x" * 9000), 414)


# ---- paths

PATHS = [
    *("/%2e%2e/%2e%2e/etc/passwd", "/static/%2e%2e/%2e%2e/setup.cfg", "/static/..%2f..%2fsetup.cfg", "/static/%00"),
    *(
        "/static/etc/passwd",
        "/static/vendor",
        "/static/",
        "/static/" + "x" * 300,
        "/assignments/1/",
        "/assignments/1.",
    ),
    *(
        "/organisations/kent%00",
        "/organisations/%ff",
        "/organisations/kent/..",
        "/organisations/KENT",
        "/desk/",
        "/desk.",
    ),
    *("/recommendations/LR-2026-0001%0d%0aX: y", "/recommendations/LR-2026-99999999", "/recommendations/LN-2026-0001"),
    *("/notices/LN-0000-0000", "/drafts/1%2fshred", "/.git/config", "/.env", "/assignments/1;x=y", "/%"),
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_tries_something_is_not_there(author, path):
    refused(author.client.get(path), 404)


@pytest.mark.parametrize("path", ["//example.org/desk", "//desk", "///example.org", "/\\example.org/"])
def test_double_slashes_never_lead_to_another_site(officer, path):
    answer = officer.client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code in (200, 301, 308, 404)
    assert re.match(r"^(http://localhost)?/(?![/\\])", answer.headers.get("Location", "/"))


# ---- methods


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "NONSENSE"])
def test_a_method_no_page_has_is_refused(author, method):
    for path in ("/", "/desk", "/drafts/new", ours("/respond"), "/static/registry.css"):
        answer = refused(author.client.open(path, method=method), 400, 405)
        assert "TRACE" not in answer.headers.get("Allow", "")


def test_a_method_cannot_be_overridden(officer):
    sent = {"_method": "POST", "X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST"}
    answer = officer.client.get(ours("/acknowledge?_method=POST"), headers=sent)
    assert answer.status_code == 200
    refused(officer.client.get(ours("/publish-response"), headers=sent), 405)


def test_head_and_options_answer_without_a_body_and_without_doing_anything(officer):
    for path in ("/", "/desk", ours(""), ours("/acknowledge")):
        assert officer.client.head(path).data == b""
        answer = officer.client.options(path)
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# ---- hosts

FOREIGN = ["example.org", "example.org:8000", "127.0.0.1.example.org", "localhost.example.org", "user@localhost"]
ODD = [
    "",
    " ",
    "localhost/",
    "localhost:99999",
    "localhost:x",
    "[::1",
    "a b",
    "local\u0430host",
    "localhost, example.org",
]


@pytest.mark.parametrize("host", [*FOREIGN, *ODD])
def test_another_name_than_ours_is_refused_and_never_repeated(officer, host):
    for path in ("/", "/desk", ours("/"), "//desk", "/static/registry.css", "/nowhere"):
        answer = refused(officer.client.get(path, headers={"Host": host.encode().decode("latin-1")}), 400)
        assert "example.org" not in answer.text and "Location" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST", "[::1]"])
def test_the_names_of_the_machine_itself_go_on_working(officer, host):
    assert officer.client.get("/", headers={"Host": host}).status_code == 200


def test_the_name_of_the_settings_works_and_a_forwarded_one_changes_nothing(assignment, tmp_path):
    environ = {
        "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
        "REGISTRY_BASE_URL": "https://register.example.org",
    }
    app = create_app(config.load(environ, base=tmp_path), clock=lambda: given.NOW)
    client = app.test_client()
    forwarded = {"Host": "register.example.org", "X-Forwarded-Host": "example.com", "Forwarded": "host=example.com"}
    answer = client.get("/desk", headers=forwarded)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
    assert answer.headers["Strict-Transport-Security"]
    assert client.get("/", headers={"Host": "other.example.org"}).status_code == 400


def test_a_machine_that_knows_only_the_address_may_ask_how_we_are(officer):
    """Pages for machines may be asked by any name: what they answer has no link in it."""
    for path in ("/healthz", "/readyz"):
        assert "not the address" not in officer.client.get(path, headers={"Host": "10.0.0.7:8000"}).text


# ---- tokens and cookies


def test_a_token_of_another_session_is_refused(officer, browse):
    other = browse(given.the_case_officer())
    refused(officer.client.post(ours("/acknowledge"), data={"csrf_token": other._token()}), 400)


def test_a_token_from_before_signing_in_is_refused_after(assignment, browse):
    given.a_person("liaison@kent.example.org", "kent", "liaison_officer")
    given.Person.update(password_hash=given._hashed("four plain words here")).where(
        given.Person.email == "liaison@kent.example.org"
    ).execute()
    person = browse()
    before = person._token()
    person.client.post(
        "/sign-in",
        data={"csrf_token": before, "email": "liaison@kent.example.org", "password": "four plain words here"},
    )
    assert person.client.get("/desk").status_code == 200
    refused(person.client.post(ours("/acknowledge"), data={"csrf_token": before}), 400)


def test_a_token_that_was_tampered_with_is_refused(officer):
    token = officer._token()
    wrong = [
        "",
        "x",
        token[:-1],
        token + "x",
        token.swapcase(),
        "." * 3,
        "\x00",
        "\ud83d\ude00",
        token.partition(".")[0],
    ]
    for tampered in wrong:
        sent = {"csrf_token": tampered.encode("utf-8", "surrogatepass")}
        refused(officer.client.post(ours("/acknowledge"), data=sent), 400)


def test_a_token_in_the_address_does_not_count(officer):
    token = officer._token()
    refused(officer.client.post(ours(f"/acknowledge?csrf_token={token}")), 400)


def forged(app, **values):
    serializer = app.session_interface.get_signing_serializer(app)
    return serializer.dumps(values)


ODD_COOKIES = ["", "x", ".", "..", "a.b.c", "x" * 5000, '"', "\\", "eyJ9.x.x", ".eJw.x.x", "=;=", "%00"]


@pytest.mark.parametrize("cookie", ODD_COOKIES)
def test_a_cookie_that_is_not_ours_is_nobody(assignment, browse, cookie):
    person = browse()
    answer = person.client.get("/desk", headers={"Cookie": f"session={cookie}"})
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("who", ["1", "1.", "0.x", "-1.x", "99999999999999999999.x", "\u0661.", "1.\x00", "x", ""])
def test_even_a_signed_cookie_names_nobody_but_whom_it_was_given_to(assignment, browse, who):
    """As after the key has leaked: the part of the password's hash is not in it."""
    person = browse()
    cookie = forged(person.client.application, _user_id=who, _fresh=True)
    assert person.client.get("/desk", headers={"Cookie": f"session={cookie}"}).status_code == 302


def test_a_cookie_with_one_letter_changed_is_nobody(officer):
    cookie = officer.client.get_cookie("session").value
    for place in (3, len(cookie) // 2, len(cookie) - 5):
        changed = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :]
        answer = Browser(officer.client.application, None).client.get("/desk", headers={"Cookie": f"session={changed}"})
        assert answer.status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        *(
            "https://example.org",
            "//example.org",
            "/\\example.org",
            "///example.org",
            "/%09/example.org",
            "\\\\example.org",
        ),
        *(
            "javascript:alert(1)",
            "data:text/html,x",
            "/desk\r\nX: y",
            "/desk%0d%0aX:%20y",
            "http:example.org",
            "/\t/x.org",
        ),
        *("/@example.org", "/.example.org", "?next=//example.org", " /desk", "/desk//example.org"),
    ],
)
def test_signing_in_leads_to_no_other_place(assignment, browse, elsewhere):
    from registry.web.people import _within

    person = browse()
    with person.client.application.test_request_context("/sign-in"):
        target = _within(elsewhere)
    assert re.fullmatch(r"/(?![/\\])[!-~]*", target) and "example" not in target.partition("?")[0].partition("/desk")[0]


# ---- headers


@pytest.mark.parametrize("spans", ["bytes=0-", "bytes=-1", "bytes=5-2", "bytes=999999999-", "x", "bytes=0-0,1-1,2-2"])
def test_odd_ranges_break_nothing(officer, spans):
    for path in ("/", "/static/registry.css", "/desk"):
        with officer.client.get(path, headers={"Range": spans}) as answer:
            assert answer.status_code in (200, 206, 416), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("value", ["*", "x", '"', 'W/"x"', "Thu, 99 Foo 2026", "\x7f", '"a", ' * 200])
def test_odd_conditions_break_nothing(officer, value):
    for name in ("If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"):
        for path in ("/", "/recommendations", "/static/registry.css"):
            with officer.client.get(path, headers={name: value}) as answer:
                assert answer.status_code in (200, 304, 412), (path, name)


@pytest.mark.parametrize("value", ["", "xx", "cy;q=nonsense", "*", "a" * 3000, "en-\x7f", ",,,;;;", "cy" * 500])
def test_odd_languages_and_kinds_break_nothing(officer, value):
    for name in ("Accept-Language", "Accept", "Accept-Encoding", "User-Agent", "Referer", "Origin", "Authorization"):
        assert officer.client.get("/", headers={name: value}).status_code == 200


def test_a_page_of_a_person_is_kept_by_nobody(officer):
    for path in ("/desk", ours(""), "/assignments", "/"):
        assert officer.client.get(path).headers["Cache-Control"] == "no-store"
