"""The report with plots, in an output cell of a notebook."""

from html import escape

_HEIGHT = 900


class ReportPage:
    """A whole page, which a notebook shows in a frame of its own.

    The frame may run the page's scripts, but reaches neither the notebook nor a network.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        """Return the frame that holds the page."""
        return (
            f'<iframe title="daskbench report" style="width:100%;height:{_HEIGHT}px;border:0" '
            f'sandbox="allow-scripts allow-downloads" srcdoc="{escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"a report of {len(self.html):,} characters; .html holds the page"
