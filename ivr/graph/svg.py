"""What graphviz draws, made fit for readers: a title and a description, links and boxes that keys reach."""

from xml.etree import ElementTree as Xml

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
STYLE = "a:focus, g.node:focus { outline: 3px solid #2680c2; outline-offset: 2px } a:hover { opacity: 0.7 }"


def finished(made: str, title: str, description: str) -> str:
    """The document with pixels for points, so that it shows in its real size and scales by its viewBox."""
    Xml.register_namespace("", SVG)
    Xml.register_namespace("xlink", XLINK)
    root = Xml.fromstring(made)  # noqa: S314 -- graphviz wrote it
    for side in ("width", "height"):
        root.set(side, root.get(side, "").removesuffix("pt"))
    root.set("role", "graphics-document document")
    root.set("aria-labelledby", "title description")
    _put_first(root, title, description)
    for group in root.iter(f"{{{SVG}}}g"):
        _tidy(group)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _put_first(root: Xml.Element, title: str, description: str) -> None:
    for place, (tag, text) in enumerate((("title", title), ("desc", description), ("style", STYLE))):
        element = Xml.Element(
            f"{{{SVG}}}{tag}", {} if tag == "style" else {"id": {"desc": "description"}.get(tag, tag)}
        )
        element.text = "".join(letter if letter.isprintable() else " " for letter in text)
        root.insert(place, element)


def _tidy(group: Xml.Element) -> None:
    """A box is named by what it says, not by graphviz's names; ways and blank hints are named by nothing."""
    title = group.find(f"{{{SVG}}}title")
    if title is not None:
        said = " ".join(" ".join("".join(text.itertext()) for text in group.iter(f"{{{SVG}}}text")).split())
        if group.get("class") == "node":
            title.text = said
            group.set("tabindex", "0")
            group.set("role", "group")
        else:
            group.remove(title)
