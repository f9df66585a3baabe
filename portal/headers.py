"""Headers that every answer carries, whoever made it: a view, the static files or a refusal."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.security import SecurityMiddleware

from portal.boundary import Respond


def on_every_answer(get_response: Respond) -> Respond:
    """Django's security headers and two more, outside of all that refuses or redirects.

    Django's own middleware stays in the list for its redirect to TLS; a host name that it refuses
    leaves by an error, past the headers that it would have set.
    """
    security = SecurityMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        security.process_response(request, response)  # type: ignore[arg-type]  # it needs headers alone
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Reporting-Endpoints", 'csp="/csp-report/"')
        return response

    return middleware
