"""The forms about people and accounts: signing in, passwords, invitations, roles and deputies."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from registry.records.people import Person
from registry.rules import limits, wording
from registry.web.fields import (
    Choice,
    DayField,
    Page,
    Revision,
    choices_of,
    line,
    one_of_list,
    options,
    secret,
    tick,
)


class SignInForm(Page):
    email = line(_l("E-mail address"), _l("Enter your e-mail address"), limits.EMAIL)
    password = secret(_l("Password"), _l("Enter your password"))
    # What somebody typed whose session had ended, signed, until they have signed in again.
    kept = HiddenField()


class ForgottenForm(Page):
    email = line(_l("E-mail address"), _l("Enter your e-mail address"), limits.EMAIL)


class NewPasswordForm(Page):
    """A password chosen by a one-time link; typed twice, since nobody sees it."""

    password = secret(_l("New password"), _l("Enter a new password"))
    again = secret(_l("New password again"), _l("Enter the new password again"))

    def validate_again(self, field: Any) -> None:
        if self.password.data and field.data != self.password.data:
            raise ValidationError(_l("The two passwords are not the same. Enter the new one twice."))


class ChangePasswordForm(NewPasswordForm):
    present = secret(_l("Present password"), _l("Enter your present password"))


class TermForm(Page):
    """A role with its days."""

    role = Choice(_l("Role"), [], _l("Choose a role"))
    from_on = DayField(_l("First day"), _l("Enter the first day"), hint=_l("Today or later. For example, 27 3 2026"))
    to_on = DayField(_l("Last day (optional)"), hint=_l("Leave it empty for no end. The role holds on that day too."))

    def offer(self, roles: tuple[str, ...]) -> None:
        self.role.choices = options(choices_of(wording.ROLE, roles))

    def validate_to_on(self, field: Any) -> None:
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError(_l("The last day cannot be before the first day"))


class InviteForm(TermForm):
    email = line(_l("E-mail address"), _l("Enter an e-mail address"), limits.EMAIL)
    name = line(_l("Name"), _l("Enter a name"))
    lead = tick(_l("Manages this organisation's people (lead liaison officer)"))

    def validate_email(self, field: Any) -> None:
        if not limits.is_address(field.data.strip()):
            raise ValidationError(_l("Enter one e-mail address, such as name@example.org"))


class EndForm(Page):
    to_on = DayField(
        _l("Last day"),
        _l("Enter the last day"),
        hint=_l("The role holds on that day too. Give yesterday to end it at once."),
    )
    revision = Revision()


class DeputyForm(Page):
    deputy = one_of_list(_l("Deputy"), coerce=str)
    from_on = DayField(_l("First day of the absence"), _l("Enter the first day"), hint=_l("For example, 27 3 2026"))
    to_on = DayField(_l("Last day of the absence"), _l("Enter the last day"))

    def offer(self, people: list[Person]) -> None:
        found = [(str(one.id), one.name) for one in people]
        self.deputy.choices = options([("", _l("Choose somebody")), *found])

    def validate_deputy(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Choose who stands in"))

    def validate_to_on(self, field: Any) -> None:
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError(_l("The last day cannot be before the first day"))
