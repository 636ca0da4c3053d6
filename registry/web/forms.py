"""The forms of every verb that takes more than a click. The form is the schema."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField
from wtforms.validators import ValidationError

from registry.records.assignments import CONTACT_CHANNELS
from registry.records.organisations import Organisation
from registry.rules import limits, wording
from registry.rules.clocks import ACCEPTANCE_REPLIED, YEAR_OF_THE_ACT
from registry.rules.workflow import EXTENTS, JUDGEMENTS
from registry.web.fields import (
    Choice,
    DayField,
    Page,
    Revision,
    Whole,
    choices_of,
    line,
    one_of_list,
    options,
    several,
    text,
    tick,
)


class Act(Page):
    """A button that does one thing and asks nothing."""


class RecommendationPart(Form):
    """One numbered recommendation inside the draft form."""

    title = line(_l("Title"), hint=_l("One line that says what is asked"))
    body = text(_l("Recommendation"), hint=_l("You can use Markdown for lists"))
    topic = one_of_list(_l("Topic"), coerce=str)

    def validate_title(self, field: Any) -> None:
        if self.body.data and not field.data:
            raise ValidationError(_l("Enter a title for each recommendation"))


class DraftForm(Page):
    """A notice as its author writes it. Recipients and scope are chosen in groups or one by one.

    A draft may be saved half done; what is missing is asked for when it is sent for approval.
    """

    recommendations = FieldList(
        FormField(RecommendationPart), min_entries=1, max_entries=limits.RECOMMENDATIONS_IN_A_NOTICE
    )
    background = text(_l("Background"), hint=_l("What happened, in general terms. No names of people."))
    case_references = line(
        _l("Case references"), hint=_l("Separate several with semicolons, such as 2024/010817; 2024/010818")
    )
    basis = Choice(
        _l("Under which provision?"),
        [
            ("28a", _l("Paragraph 28A: recipients must reply within 56 days")),
            ("section_10", _l("Section 10: recipients are invited to reply")),
        ],
        _l("Choose the provision the notice is made under"),
    )
    recipients = several(_l("Who must reply, or is invited to?"))
    in_scope = several(_l("Who is in scope, without a reply?"))
    revision = Revision()

    def validate_case_references(self, field: Any) -> None:
        if any(len(value) > limits.REFERENCE for value in split(field.data)):
            raise ValidationError(
                _l("Each case reference must be %(most)s characters or fewer") % {"most": limits.REFERENCE}
            )

    def validate_recommendations(self, field: Any) -> None:
        if not any(part.form.title.data or part.form.body.data for part in field):
            raise ValidationError(_l("Enter a title for the first recommendation"))


def split(value: str) -> list[str]:
    """The parts of a text separated by semicolons, without empty ones."""
    return [part.strip() for part in (value or "").split(";") if part.strip()]


class ApproveForm(Page):
    """The text as it was read: approving another one is refused."""

    revision = Revision()


class ReturnForm(Page):
    reason = text(_l("What should the author change?"), _l("Say what should change"), limits.NOTE)


class RedactForm(Page):
    reason = text(_l("Why is the text removed?"), _l("Say why the text is removed"), limits.NOTE)


class MakeForm(Page):
    embargo_reason = text(
        _l("If it will not be published today, why? (optional)"),
        None,
        limits.NOTE,
        hint=_l("The clock starts today whether or not the notice is published."),
    )
    response_due_on = DayField(_l("Another date for the letter (optional)"))
    due_reason = line(_l("Why another date?"))
    revision = Revision()

    def validate_due_reason(self, field: Any) -> None:
        if self.response_due_on.data and not field.data:
            raise ValidationError(_l("Say why the letter gives another date"))


class PublishForm(Page):
    family_told = Choice(
        _l("Has the family or the complainant been told first?"),
        [("yes", _l("Yes")), ("not_applicable", _l("There is nobody to tell"))],
        _l("Say whether the family or the complainant has been told"),
    )
    proceedings = tick(_l("No proceedings would be put at risk"), _l("Check that no proceedings would be put at risk"))
    anonymity = tick(_l("Nobody can be identified who should not be"), _l("Check that nobody can be identified"))
    method = tick(
        _l("The wording does not show anybody how to cause harm"), _l("Check the wording about methods of harm")
    )
    show_implementation = tick(_l("Show the public what each organisation says it has done"))
    show_audit_result = tick(_l("Show the public what auditors find"))


class AcknowledgeForm(Page):
    """What a case officer gives when an acknowledgement came by post; the organisation's own people give nothing."""

    received_on = DayField(
        _l("When was it received?"),
        _l("Enter the day the letter or e-mail was received"),
        hint=_l("For example, 27 3 2026"),
    )


class RespondForm(Page):
    """A written reply. `received_on` is asked of a case officer only, who records one that came by post."""

    received_on = DayField(
        _l("When was the reply received?"),
        _l("Enter the day the letter or e-mail was received"),
        hint=_l("For example, 27 3 2026"),
    )
    acceptance = Choice(
        _l("Is the recommendation accepted?"),
        choices_of(wording.ACCEPTANCE, ACCEPTANCE_REPLIED),
        _l("Choose whether the recommendation is accepted"),
    )
    action_taken = text(_l("What has been done?"))
    action_proposed = text(_l("What will be done, and by when?"))
    why_none = text(_l("If it is not accepted, or nothing is done, why?"))
    representations = text(
        _l("Is there anything that should not be published, and why? (optional)"),
        hint=_l("The regulator decides. Until then nobody else sees your reply."),
    )
    revision = Revision()

    def validate_why_none(self, field: Any) -> None:
        if self.acceptance.data == "not_accepted" and not field.data:
            raise ValidationError(_l("Say why the recommendation is not accepted"))
        if not (field.data or self.action_taken.data or self.action_proposed.data):
            raise ValidationError(_l("Say what has been done, what will be done, or why nothing is"))


class ExtensionForm(Page):
    """More time: asked for by the organisation, or recorded by a case officer from a letter, with the day it came."""

    received_on = DayField(
        _l("When was it received?"),
        _l("Enter the day the letter or e-mail was received"),
        hint=_l("For example, 27 3 2026"),
    )
    days = Whole(_l("How many more days?"), _l("Enter the number of days, such as 14"))
    reason = text(_l("Why is more time needed?"), _l("Say why more time is needed"), limits.NOTE)


class GrantForm(Page):
    days = Whole(_l("How many more days are given?"), _l("Enter the number of days, such as 14"))
    reason = text(_l("Why? (optional)"), None, limits.NOTE)


class RefuseForm(Page):
    reason = text(_l("Why is no more time given?"), _l("Say why no more time is given"), limits.NOTE)


class CourtDaysForm(Page):
    started_on = DayField(
        _l("When were the proceedings started?"),
        _l("Enter the day the proceedings were started"),
        hint=_l("For example, 27 3 2026"),
    )
    days = Whole(_l("For how many days were they in progress?"), _l("Enter the number of days, such as 30"))
    note = text(_l("Which proceedings?"), _l("Say which proceedings these are"), limits.NOTE)


class ClaimForm(Page):
    reason = text(_l("Why does it not apply?"), _l("Say why it does not apply"), limits.NOTE)


class AgreeForm(Page):
    reason = text(_l("Why do you agree? (optional)"), None, limits.NOTE)


class RefuseClaimForm(Page):
    reason = text(_l("Why does it apply?"), _l("Say why it does apply"), limits.NOTE)


class CloseForm(Page):
    note = text(_l("Is there anything to add? (optional)"), None, limits.NOTE)


class ReopenForm(Page):
    reason = text(_l("Why is it opened again?"), _l("Say why it is opened again"), limits.NOTE)


class HoldForm(Page):
    """A holding reply; `received_on` is asked of a case officer only, who records one that came by post."""

    received_on = DayField(
        _l("When was it received?"),
        _l("Enter the day the letter or e-mail was received"),
        hint=_l("For example, 27 3 2026"),
    )
    text = text(_l("What do you want to say?"), _l("Write the holding reply"), limits.NOTE)


class ViewForm(Page):
    judgement = Choice(
        _l("What is the regulator's view?"),
        choices_of(wording.JUDGEMENT, JUDGEMENTS),
        _l("Choose the regulator's view"),
    )
    text = text(_l("Why?"), _l("Say why"), limits.NOTE)


class ReportForm(Page):
    text = text(_l("What is the position?"), _l("Say what has been done"), limits.NOTE)


class DecideForm(Page):
    extent = Choice(
        _l("How much of the reply?"),
        choices_of(wording.EXTENT, reversed(EXTENTS)),
        _l("Choose how much of the reply is shown"),
    )
    redacted_text = text(
        _l("The text that remains"), hint=_l("Only when part of it is shown. Whether it was accepted is always shown.")
    )
    reason = text(_l("Why not all of it?"), None, limits.NOTE)
    revision = Revision()

    def validate_redacted_text(self, field: Any) -> None:
        if self.extent.data == "part" and not field.data:
            raise ValidationError(_l("Write the text that remains"))

    def validate_reason(self, field: Any) -> None:
        if self.extent.data in ("none", "part") and not field.data:
            raise ValidationError(_l("Say why not all of the reply is shown"))


class ContactForm(Page):
    contacted_on = DayField(_l("When?"), _l("Enter the day of the contact"))
    channel = Choice(
        _l("How?"), choices_of(wording.CONTACT_CHANNEL, CONTACT_CHANNELS), _l("Choose how you were in contact")
    )
    spoke_to = line(_l("Whom did you reach? (optional)"), hint=_l("A role is enough, such as liaison officer"))
    note = text(_l("What was said?"), _l("Write what was said"), limits.NOTE)


class DeadlinesForm(Page):
    """The public calculator: asked for by an address, so it changes nothing and carries no token."""

    class Meta:
        csrf = False

    basis = Choice(
        _l("Under which provision was the recommendation made?"),
        choices_of(wording.BASIS, ("28a", "section_10")),
        _l("Choose paragraph 28A or section 10"),
    )
    made_on = DayField(_l("When was it made?"), _l("Enter the day it was made"), hint=_l("For example, 27 3 2026"))
    extended = Whole(
        _l("How many days were given on top? (optional)"), None, hint=_l("By an extension, paragraph 28B(3)")
    )
    received_on = DayField(_l("When was the reply received? (optional)"), hint=_l("For example, 27 3 2026"))

    def validate_made_on(self, field: Any) -> None:
        if field.data and self.basis.data == "28a" and field.data.year < YEAR_OF_THE_ACT:
            said = _l("The Police Reform Act is of %(year)s. Enter a day from then on, or choose section 10.")
            raise ValidationError(said % {"year": YEAR_OF_THE_ACT})

    def validate_received_on(self, field: Any) -> None:
        if field.data and self.made_on.data and field.data < self.made_on.data:
            raise ValidationError(_l("The reply cannot have been received before the recommendation was made"))


class ReportRequestForm(Page):
    organisation = one_of_list(_l("Organisation"), coerce=str)

    def offer(self, organisations: list[Organisation]) -> None:
        """Offer these organisations; one is chosen beforehand only where there is no other."""
        found = [(o.slug, o.name) for o in organisations]
        self.organisation.choices = options(found if len(found) == 1 else [("", _l("Choose an organisation")), *found])

    def validate_organisation(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Choose an organisation"))
