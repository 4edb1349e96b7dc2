"""HTML that is escaped by construction: text becomes markup only through ``element``."""

from html import escape


class Html(str):
    """Markup; any other string is text."""

    __slots__ = ()


NOTHING = Html("")
VOID = ("meta", "rect")
"""Elements that end where they begin."""


def element(name: str, /, *content: str, **attributes: object) -> Html:
    """One element. Text in it is escaped, and so are its attributes; ``class_`` is ``class``.

    >>> element("p", "a < b, ", element("b", "c"), class_='"x"')
    '<p class="&quot;x&quot;">a &lt; b, <b>c</b></p>'
    """
    given = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    if name in VOID:
        return Html(f"<{name}{given}/>")
    return Html(f"<{name}{given}>{joined(*content)}</{name}>")


def joined(*content: str) -> Html:
    """Texts and markup one after the other.

    >>> joined("<", element("i", "x"))
    '&lt;<i>x</i>'
    """
    return Html("".join(one if isinstance(one, Html) else escape(one) for one in content))


def section(title: str, *content: str) -> Html:
    """A part under its heading; nothing where it has no content."""
    if not any(content):
        return NOTHING
    return element("section", element("h2", title), *content)


def table(caption: str, head: list[str], rows: list[list[str]], texts: int = 1) -> Html:
    """A table whose first ``texts`` columns are words, the others figures."""

    def cells(kind: str, row: list[str]) -> list[Html]:
        return [
            element(kind, cell, **({} if place < texts else {"class_": "figure"}))
            for place, cell in enumerate(row)
        ]

    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *cells("th", head))),
            element("tbody", *(element("tr", *cells("td", row)) for row in rows)),
        ),
        class_="wide",
    )
