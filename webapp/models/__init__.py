"""The tables, a file a noun. Rules about them live with their only writers."""

from webapp.models.catalog import Architecture, Artifact, ArtifactUse, TrainedModel
from webapp.models.people import Membership, SignInLink, Team, User
from webapp.models.search import Candidate, Command, Event, Round, Search, View
from webapp.models.work import Work, Worker

__all__ = [
    "Architecture",
    "Artifact",
    "ArtifactUse",
    "Candidate",
    "Command",
    "Event",
    "Membership",
    "Round",
    "Search",
    "SignInLink",
    "Team",
    "TrainedModel",
    "User",
    "View",
    "Work",
    "Worker",
]
