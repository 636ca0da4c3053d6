"""The measures of taste that a machine can take: size, names, docstrings, and who reads a clock."""

import ast
import itertools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "registry"
MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 40
DRAWERS = ("utils", "util", "common", "helpers", "helper", "misc", "tools", "shared", "base", "core")
NAMED_BY_PEEWEE = ("db_value", "python_value")
READ_NO_CLOCK = ("rules", "config.py", "records", "actions", "reporting", "channels")
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders):
    return sorted(
        file
        for folder in folders
        for file in ([folder] if folder.is_file() else folder.rglob("*.py"))
        if not {"vendor", "__pycache__"} & set(file.parts)
    )


OURS = python_files(PACKAGE, ROOT / "tests", ROOT / "migrations", ROOT / "bench")
PRODUCT = python_files(PACKAGE)


def named(file):
    return str(file.relative_to(ROOT))


def tree(file):
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def functions(file):
    return [node for node in ast.walk(tree(file)) if isinstance(node, Function)]


def lines(function):
    """The lines of a function from its name to its end: decorators and docstring do not count."""
    first = function.body[0]
    if is_text(first):
        size = function.end_lineno - first.end_lineno
        return size + first.lineno - function.lineno
    return function.end_lineno - function.lineno + 1


def is_text(statement):
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def test_there_is_something_to_look_at():
    assert len(PRODUCT) > 30 and len(OURS) > len(PRODUCT)


@pytest.mark.parametrize("file", PRODUCT, ids=named)
def test_a_module_fits_in_the_head(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_MODULE


def test_no_function_is_longer_than_a_page():
    long = [
        f"{named(file)}:{function.lineno} {function.name} has {lines(function)} lines"
        for file in PRODUCT
        for function in functions(file)
        if lines(function) > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_most_functions_are_short():
    sizes = sorted(lines(function) for file in PRODUCT for function in functions(file))
    assert sizes[len(sizes) // 2] <= 10


def test_no_module_is_a_drawer_for_this_and_that():
    assert [named(file) for file in OURS if file.stem in DRAWERS or file.parent.name in DRAWERS] == []


def test_every_module_says_what_it_is_for():
    silent = [named(file) for file in PRODUCT if not ast.get_docstring(tree(file))]
    assert silent == []


def public_things(file):
    """Public functions and classes of a module, and the public methods of public classes."""
    module = tree(file)
    top = [n for n in module.body if isinstance(n, Function | ast.ClassDef) and not n.name.startswith("_")]
    inside = [n for one in top if isinstance(one, ast.ClassDef) for n in one.body if isinstance(n, Function)]
    return [*top, *(n for n in inside if not n.name.startswith("_"))]


def test_every_public_function_and_class_says_what_it_does():
    """Views and forms apart: a view is told by its address, its permission and the verb it calls."""
    silent = [
        f"{named(file)}:{node.lineno} {node.name}"
        for file in PRODUCT
        if file.parent.name != "web"
        for node in public_things(file)
        if not ast.get_docstring(node) and node.name not in NAMED_BY_PEEWEE and not is_only_declared(node)
    ]
    assert silent == []


def is_only_declared(node):
    """A method of a Protocol, whose body is three dots."""
    last = node.body[-1]
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is ...


def test_a_docstring_begins_with_a_sentence():
    wrong = [
        f"{named(file)}:{node.lineno} {node.name}"
        for file in PRODUCT
        for node in public_things(file)
        if (text := ast.get_docstring(node)) and not text.split("\n\n")[0].rstrip().endswith((".", "?", ":", '."'))
    ]
    assert wrong == []


def test_nothing_below_the_web_reads_a_clock():
    """Time is a value that is passed in: only web, app, cli and worker ask what time it is."""
    read = [
        f"{named(file)}:{node.lineno}"
        for file in python_files(*(PACKAGE / name for name in READ_NO_CLOCK))
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and (last_name(node.value), node.attr) in CLOCKS
    ]
    assert read == []


def last_name(node):
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def test_the_search_for_clocks_would_find_one():
    for text in ("datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()", "x = time.time"):
        nodes = ast.walk(ast.parse(text))
        assert any(isinstance(n, ast.Attribute) and (last_name(n.value), n.attr) in CLOCKS for n in nodes), text


def test_nothing_below_the_command_reads_the_environment_but_the_settings():
    reading = [
        f"{named(file)}:{node.lineno}"
        for file in PRODUCT
        if file.relative_to(PACKAGE).parts[0] not in ("config.py", "cli", "serving.py")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and last_name(node.value) == "os"
    ]
    assert reading == []


def test_names_are_imported_one_by_one():
    """peewee and wtforms both have a DateField: a star would hide one behind the other."""
    starred = [
        f"{named(file)}:{node.lineno}"
        for file in OURS
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert starred == []


def test_tests_are_named_as_sentences():
    tests = itertools.chain.from_iterable(functions(file) for file in python_files(ROOT / "tests"))
    short = [test.name for test in tests if test.name.startswith("test_") and test.name.count("_") < 3]
    assert short == []
