"""Headers of pages."""

from collections.abc import Mapping

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'; report-uri /csp"
)
PAGE = {
    "Content-Security-Policy": POLICY,
    # Without a referrer browsers send `Origin: null` with forms, and those are refused.
    "Referrer-Policy": "same-origin",
    # A fragment and its page share an address; pages differ by language and display.
    "Vary": "HX-Request-Type, Cookie, Accept-Encoding",
}
PRIVATE = {**PAGE, "Cache-Control": "no-store"}
SHARED_SECONDS = 60
SHARED = {**PAGE, "Cache-Control": f"public, max-age={SHARED_SECONDS}"}


def is_partial(headers: Mapping[str, str]) -> bool:
    """A script asks for a fragment; history and boosted calls ask for the whole page."""
    return headers.get("hx-request-type") == "partial"
