"""Addresses of the web server: REST, sign-in, guides, health checks. Every other address is a page of the app."""

from allauth.account import views as account
from csp.decorators import csp_update
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from webapp.accounts import sign_in
from webapp.http import guides, pages

# The view loads its script from a URL of its own, as the policy requires, and needs inline styles, here alone.
docs = csp_update({"style-src": ["'self'", "'unsafe-inline'"]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

urlpatterns = [
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", docs, name="docs"),
    path("api/", include("webapp.api.urls")),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("sign-in/<str:token>", sign_in.sign_in, name="sign-in"),
    path("guides/", guides.index, name="guides"),
    path("guides/pictures/<str:name>", guides.picture, name="guide-picture"),
    path("guides/<path:slug>", guides.guide, name="guide"),
    path("healthz", pages.healthz),
    path("readyz", pages.readyz),
    re_path(r"^(?!(?:api|ws|accounts|static|sign-in|guides|healthz|readyz)(?:/|$))", pages.app),
]
handler400 = pages.bad_request
handler404 = pages.not_found
handler500 = pages.server_error
