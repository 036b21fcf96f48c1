"""Addresses of the web: REST, sign-in, and for everything else the page."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from webapp import pages, signin

urlpatterns = [
    path("api/", include("webapp.api.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("accounts/", include("allauth.urls")),
    path("sign-in/<str:token>", signin.sign_in, name="sign-in"),
    path("healthz", pages.healthz),
    re_path(r"^(?!(?:api|ws|accounts|static|admin|sign-in|healthz)(?:/|$))", pages.app),
]
