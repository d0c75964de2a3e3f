"""What the web doors need of the settings: one list of middleware and a few names of views."""

WEB_MIDDLEWARE = [
    "registry.web.csp.ContentSecurityPolicyMiddleware",
    "registry.web.language.LanguageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "registry.common.http.DomainErrorMiddleware",
]

CSRF_FAILURE_VIEW = "registry.web.problems.csrf_failure"
AXES_LOCKOUT_CALLABLE = "registry.web.account.views.locked"
LOGIN_URL = "account:sign-in"
LOGIN_REDIRECT_URL = "office:home"
LOGOUT_REDIRECT_URL = "account:sign-in"
