"""The tables, one file per area. The rules for each are in the module that writes it. May import core and below."""

from webapp.models.artifact import Artifact, ArtifactUse
from webapp.models.catalog import Architecture, Score, TrainedModel
from webapp.models.data import Dataset, Upload
from webapp.models.device import Device, Measurement
from webapp.models.entry import Entry
from webapp.models.people import Membership, SignInLink, Team, User
from webapp.models.search import Branch, Candidate, Command, Event, Probe, Round, Search, SearchDraft
from webapp.models.work import Placement, Work, Worker

__all__ = [
    "Architecture",
    "Artifact",
    "ArtifactUse",
    "Branch",
    "Candidate",
    "Command",
    "Dataset",
    "Device",
    "Entry",
    "Event",
    "Measurement",
    "Membership",
    "Placement",
    "Probe",
    "Round",
    "Score",
    "Search",
    "SearchDraft",
    "SignInLink",
    "Team",
    "TrainedModel",
    "Upload",
    "User",
    "Work",
    "Worker",
]
