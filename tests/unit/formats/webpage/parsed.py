"""A page as a strict reader sees it: its elements, their attributes and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

DOCUMENTATION = ("https://docs.dask.org/", "https://distributed.dask.org/")
VOID = {"meta", "br", "hr", "img", "input", "link", "path", "rect", "circle"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: tuple[str, ...] = field(default=())


class Page(HTMLParser):
    """All elements in order; unbalanced ones fail."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert not self._open, [one.tag for one in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len({*names}), f"twice the same attribute of {tag}"
        inside = tuple(one.tag for one in self._open)
        found = Element(tag, {name: value or "" for name, value in attrs}, inside=inside)
        self.elements.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> without a beginning"
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    @property
    def loaded(self) -> list[str]:
        """What a browser would fetch for the page, and links other than to Dask's pages."""
        names = ("src", "href", "action", "data", "poster", "srcset", "formaction")
        values = [e.attributes[n] for e in self.elements for n in names if n in e.attributes]
        return [value for value in values if not value.startswith(("#", *DOCUMENTATION))]

    @property
    def scripts(self) -> list[Element]:
        """The scripts that run: Bokeh's and ours, in that order."""
        return [one for one in self.all("script") if "type" not in one.attributes]

    def all(self, tag: str) -> list[Element]:
        return [one for one in self.elements if one.tag == tag]
