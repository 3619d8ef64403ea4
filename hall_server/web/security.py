"""Headers of every page: nothing but our own files, framed by nobody else.

Content-Security-Policy Level 3: https://www.w3.org/TR/CSP3/
"""

from flask import Response

_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ]
)


def harden(response: Response, *, framed_by_us: bool) -> None:
    """Sets the headers; ``framed_by_us`` lets pages of this server show this one in a frame."""
    ancestors = "'self'" if framed_by_us else "'none'"
    response.headers["Content-Security-Policy"] = f"{_POLICY}; frame-ancestors {ancestors}"
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if framed_by_us else "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A position page's address is the ticket's key: it must not leak to another site.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
