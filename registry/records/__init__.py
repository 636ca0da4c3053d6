"""Nouns: tables, constraints and read-only questions. No verbs."""

from registry.records.assignments import (
    Acknowledgement,
    Assignment,
    Claim,
    Contact,
    CourtDays,
    Decision,
    Extension,
    HoldingReply,
    Progress,
    Response,
    View,
)
from registry.records.checkpoints import Checkpoint
from registry.records.history import History, HistoryDetail
from registry.records.installation import Holiday, Installation
from registry.records.jobs import ReportJob, SlotClaim
from registry.records.messages import Attempt, Message, Reminder, ReminderMessage
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person
from registry.records.recommendations import (
    Addressee,
    CaseReference,
    Copy,
    HouseNumber,
    Notice,
    Recommendation,
    Topic,
    Version,
)
from registry.records.sessions import Session
from registry.records.sign_ins import OneTimeLink, SignInAttempt

# Every table, each after those it refers to.
MODELS = (
    Installation,
    Holiday,
    Organisation,
    Person,
    Membership,
    Topic,
    HouseNumber,
    Notice,
    Recommendation,
    CaseReference,
    Addressee,
    Version,
    Copy,
    Assignment,
    Acknowledgement,
    Response,
    Decision,
    Progress,
    Contact,
    Extension,
    CourtDays,
    Claim,
    HoldingReply,
    View,
    Reminder,
    Message,
    ReminderMessage,
    Attempt,
    SlotClaim,
    ReportJob,
    History,
    HistoryDetail,
    Checkpoint,
    Session,
    OneTimeLink,
    SignInAttempt,
)
