"""One-time sign-in links, and the house rules of signing in."""

import secrets

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import login
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from webapp.core import clock
from webapp.core.tokens import hash_token
from webapp.models import SignInLink, User

LASTS = 3600.0  # seconds
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the package has no types
    """People are taken in by a team's owner; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def make_link(user: User) -> str:
    """A token that signs this person in once, within the hour. Only its hash is kept."""
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(user=user, digest=hash_token(token), expires_at=clock.after(LASTS))
    return token


def use_link(token: str) -> User | None:
    """From unused to used, and exactly one row changed; None for any other token."""
    links = SignInLink.objects.filter(digest=hash_token(token))
    if not links.filter(used_at=None, expires_at__gt=Now(), user__is_active=True).update(used_at=Now()):
        return None
    return links.select_related("user").get().user


@require_GET  # not HEAD: what looks ahead at a link must not use it up
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    user = use_link(token)
    if user is None:
        return render(request, "signin_link_spent.html", status=410)
    login(request, user, backend=BACKEND)
    team_searches = user.teams.values("searches")
    first = team_searches.exclude(searches=None).order_by("searches__created_at").first()
    only = first is not None and team_searches.exclude(searches=None).count() == 1
    return redirect(f"/searches/{first['searches']}" if first is not None and only else "/")
