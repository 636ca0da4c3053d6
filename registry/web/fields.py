"""Form fields in GOV.UK style that keep what was typed and say how to mend it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovDateInput,
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from registry.rules import limits

EARLIEST_YEAR = 1985


class Page(FlaskForm):
    """The base of every form. A verb's refusal is added with `refuse` and shown like any other error."""

    def refuse(self, reason: Any) -> None:
        """Show why the verb refused, above the form, with everything typed kept."""
        self.form_errors.append(str(reason))

    def error_list(self) -> list[dict[str, str]]:
        """The error summary: each error with a link to the field (or the first part of it) that is to be mended."""
        own = [{"text": error} for error in self.form_errors]
        return own + list(_field_errors(self))


def _field_errors(form: Any) -> Iterable[dict[str, str]]:
    for field in form:
        if isinstance(field, FormField):
            yield from _field_errors(field.form)
        elif isinstance(field, FieldList):
            own = [error for error in field.errors if isinstance(error, str) or not hasattr(error, "items")]
            yield from ({"text": str(error), "href": f"#{field.id}-0-title"} for error in own if str(error))
            yield from _field_errors(field.entries)
        elif field.errors:
            part = "-day" if isinstance(field, DayField) else ""
            yield {"text": str(field.errors[0]), "href": f"#{field.id}{part}"}


def seen_characters_only(form: Form, field: Field) -> None:
    """Refuse characters nobody can see and the database cannot keep."""
    if limits.has_unseen(field.data or ""):
        raise ValidationError(
            _l("%(field)s holds a character that cannot be shown. Delete it and type it again.")
            % {"field": _name(field)}
        )


def _name(field: Field) -> str:
    return str(field.label.text).strip(" ?")


def _rules(missing: Any, most: int) -> list[Any]:
    rules = [Short(most), seen_characters_only]
    return [InputRequired(message=missing), Filled(missing), *rules] if missing else rules


class Short:
    """Refuse a text that is too long, naming the field."""

    def __init__(self, most: int):
        self.most = most

    def __call__(self, form: Form, field: Field) -> None:
        if len(field.data or "") > self.most:
            said = _l("%(field)s: use %(most)s characters or fewer")
            raise ValidationError(said % {"field": _name(field), "most": f"{self.most:,}"})


class Filled:
    """Refuse a text of nothing but spaces."""

    def __init__(self, message: Any):
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if limits.is_blank(field.data or ""):
            raise ValidationError(self.message)


class Translated:
    """The words that a component brings itself, in the reader's language; each attribute once."""

    def __call__(self, field: Field, **said: Any) -> Any:
        """Render the field. What the component sets by a parameter of its own is handed to it as one."""
        own = {name: said.pop(name) for name in ("rows", "autocomplete", "spellcheck") if name in said}
        params = {**said.pop("params", {}), **own}
        return super().__call__(field, **said, params=params)  # type: ignore[misc]

    def render(self, params: dict[str, Any]) -> Any:
        """Render the component; its error begins with "Error" for whoever hears the page."""
        if "errorMessage" in params:
            params["errorMessage"]["visuallyHiddenText"] = _("Error")
        return super().render(params)  # type: ignore[misc]


class LineInput(Translated, GovTextInput):
    """One line of text."""


class DayInput(Translated, GovDateInput):
    """A day in three boxes, named in the reader's language."""

    def map_gov_params(self, field: Field, **said: Any) -> dict[str, Any]:
        """Name the boxes: the component has them in English only."""
        params = super().map_gov_params(field, **said)
        for item, label in zip(params["items"], (_("Day"), _("Month"), _("Year")), strict=True):
            item["label"] = label
        return params


class TextInput(Translated, GovTextArea):
    """Paragraphs of text."""


class SecretInput(Translated, GovPasswordInput):
    """A password, with a button that shows it."""

    def render(self, params: dict[str, Any]) -> Any:
        """Render the component with the words of its button, and what is said when it is used."""
        shown = {
            "showPasswordText": _("Show"),
            "hidePasswordText": _("Hide"),
            "showPasswordAriaLabelText": _("Show password"),
            "hidePasswordAriaLabelText": _("Hide password"),
            "passwordShownAnnouncementText": _("Your password is visible"),
            "passwordHiddenAnnouncementText": _("Your password is hidden"),
        }
        return super().render({**params, **shown})


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def line(label: Any, missing: Any = None, most: int = limits.LINE, hint: Any = "", **more: Any) -> StringField:
    """One line of text; `missing` is the error when it is empty (None: it may be)."""
    return StringField(label, _rules(missing, most), [_strip, _one_line], description=hint, widget=LineInput(), **more)


def text(label: Any, missing: Any = None, most: int = limits.PARAGRAPHS, hint: Any = "") -> TextAreaField:
    """Paragraphs of text; `missing` is the error when it is empty (None: it may be)."""
    return TextAreaField(label, _rules(missing, most), [_strip], description=hint, widget=TextInput())


def secret(label: Any, missing: Any) -> PasswordField:
    """A password."""
    return PasswordField(label, [InputRequired(message=missing), Short(limits.LINE)], widget=SecretInput())


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Values with their words, as the fields want them."""
    return [SelectChoice(value, label) for value, label in pairs]


class Choice(RadioField):
    """Radio buttons. A value that was not offered is refused with the same words as none."""

    def __init__(self, label: Any, choices: list[tuple[str, Any]], missing: Any, hint: Any = "", **more: Any):
        self.missing = missing
        super().__init__(
            label,
            [InputRequired(message=missing)],
            choices=options(choices),
            description=hint,
            widget=GovRadioInput(),
            validate_choice=False,
            **more,
        )

    def pre_validate(self, form: Form) -> None:
        if self.data not in [choice.value for choice in self.choices]:
            raise ValidationError(self.missing)


def choices_of(words: dict[str, str], values: Iterable[str]) -> list[tuple[str, Any]]:
    """Choices from a table of wording, in the order of `values`."""
    return [(value, _l(words[value])) for value in values]


def tick(label: Any, missing: Any = None, hint: Any = "") -> BooleanField:
    """One checkbox; `missing` is the error when it must be ticked and is not."""
    rules = [InputRequired(message=missing)] if missing else []
    return BooleanField(label, rules, description=hint, widget=GovCheckboxInput())


def several(label: Any, hint: Any = "") -> SelectMultipleField:
    """Checkboxes; the page sets `choices`."""
    return SelectMultipleField(label, description=hint, widget=GovCheckboxesInput())


def one_of_list(label: Any, hint: Any = "", **more: Any) -> SelectField:
    """A drop-down list; the page sets `choices`."""
    return SelectField(label, description=hint, widget=GovSelect(), **more)


class DayField(DateField):
    """A date typed as day, month and year. What was typed stays, whatever it was."""

    def __init__(self, label: Any, missing: Any = None, hint: Any = "", **more: Any):
        self.missing = missing
        super().__init__(label, description=hint, widget=DayInput(), **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read exactly three parts, however many were sent."""
        self.raw_data = ([part.strip()[:10] for part in valuelist] + ["", "", ""])[:3]
        self.data = None
        if not any(self.raw_data):
            if self.missing:
                raise ValueError(self.missing)
            return
        try:
            self.data = date(*(int(part) for part in reversed(self.raw_data)))
        except (ValueError, OverflowError):
            raise ValueError(_l("Enter a real date, such as 27 3 2026")) from None
        if self.data.year < EARLIEST_YEAR:
            raise ValueError(_l("Enter a year from %(year)s on, with four figures") % {"year": EARLIEST_YEAR})

    def day(self) -> date:
        """The day of a field that must be filled, once the form was found right."""
        assert self.data is not None
        return self.data


class Whole(StringField):
    """A whole number from 1 to `most`. What was typed stays, whatever it was."""

    def __init__(self, label: Any, missing: Any, most: int = 366, hint: Any = "", **more: Any):
        self.most = most
        rules = [InputRequired(message=missing), Filled(missing), self._check] if missing else [self._check]
        super().__init__(label, rules, [_strip], description=hint, widget=LineInput(), **more)

    def number(self) -> int:
        """The number, once the form is right; 0 where none was given and none is needed."""
        return int(self.data or 0)

    @staticmethod
    def _check(form: Form, field: Any) -> None:
        typed = field.data or ""
        if typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 6 and 1 <= int(typed) <= field.most):
            raise ValidationError(_l("Enter a whole number from 1 to %(most)s") % {"most": field.most})


class Revision(HiddenField):
    """Which state of the subject the page showed: a form sent over a newer one is told so."""

    def number(self) -> int:
        """The revision; one that cannot be read is older than any, so that nothing is done on the strength of it."""
        sent = self.data or ""
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else -1
