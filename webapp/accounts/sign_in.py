"""One-time sign-in links, and allauth's adapter."""

import secrets

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import login
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from webapp.core import clock
from webapp.core.tokens import hash_token
from webapp.models import SignInLink, User

LIFETIME = 3600.0  # seconds
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the package has no types
    """Disables sign-up: people join by an invitation (`manage.py invite`)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def make_link(user: User) -> str:
    """A token that signs this person in once, within LIFETIME. Only its hash is stored."""
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(user=user, token_hash=hash_token(token), expires_at=clock.after(LIFETIME))
    return token


def use_link(token: str) -> User | None:
    """The person that the token signs in; marks it as used. None for an unknown, used or expired token."""
    links = SignInLink.objects.filter(token_hash=hash_token(token))
    if not links.filter(used_at=None, expires_at__gt=Now(), user__is_active=True).update(used_at=Now()):
        return None
    return links.select_related("user").get().user


def where(request: HttpRequest) -> dict[str, bool]:
    """For templates: whether the page is open on the machine that the studio runs on, where its output can be seen."""
    return {"on_own_machine": split_domain_port(request.get_host())[0] in LOOPBACK}


@require_GET  # not HEAD: link previews must not use the link up
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    user = use_link(token)
    if user is None:
        return render(request, "signin_link_spent.html", status=410)
    login(request, user, backend=BACKEND)
    team_searches = user.teams.values("searches")
    oldest = team_searches.exclude(searches=None).order_by("searches__created_at").first()
    single = oldest is not None and team_searches.exclude(searches=None).count() == 1
    return redirect(f"/searches/{oldest['searches']}" if oldest is not None and single else "/")
