"""Pages as PDF, through WeasyPrint (extra ``pdf``); nothing is fetched while one is made."""

from __future__ import annotations

from hashlib import sha256

from ripplegraph.errors import MissingExtraError

_PDF_EXTRA = ("The report as PDF", "pdf")


def pdf_of(page: str) -> bytes:
    """Return a page of our own as a tagged PDF; the same page gives the same bytes."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: Pango is not installed
        raise MissingExtraError(*_PDF_EXTRA) from error
    fetcher = URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    document = HTML(string=page, url_fetcher=fetcher)
    identifier = sha256(page.encode()).hexdigest().encode()
    made = document.write_pdf(pdf_identifier=identifier, pdf_tags=True)
    return bytes(made)
