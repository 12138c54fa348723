"""Settings of the documentation site: `make docs` builds it, without a network.

The pages are those of the repository, where they are read, too. The navigation is made from the
links of the pages that list others (`_LISTS`): a page that no list links fails the build.
"""

import re
from pathlib import PurePosixPath

from sphinx.application import Sphinx

from dosing.version import VERSION

project = "Sirolimus assistant"
author = "The authors of the sirolimus assistant"
version = release = VERSION
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
default_role = "code"
autodoc_typehints = "signature"
autodoc_member_order = "alphabetical"
html_theme = "furo"
html_title = f"Sirolimus assistant {VERSION}"
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it would be fetched, which a page from a file may not

_LISTS = ("docs/index", "docs/safety/README", "docs/decisions/README")
_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#:]+)\.md\)")


def _with_navigation(_: Sphinx, page: str, source: list[str]) -> None:
    """Add the pages that a list links to the navigation, under the heading of their section."""
    if page not in _LISTS:
        return
    text = source[0]
    if page == root_doc:
        for heading, section in _SECTION.findall(text):
            source[0] += _navigation(_LINK.findall(section), heading)
    else:  # the pages of its own folder
        source[0] += _navigation([each for each in _LINK.findall(text) if "/" not in each])


def _navigation(pages: list[str], heading: str = "") -> str:
    caption = f":caption: {heading}\n" if heading else ""
    listed = "\n".join(str(PurePosixPath(each)) for each in dict.fromkeys(pages))
    return f"\n\n```{{toctree}}\n:hidden:\n{caption}\n{listed}\n```\n" if listed else ""


def setup(app: Sphinx) -> None:
    """Connect the navigation to the reading of the pages."""
    app.connect("source-read", _with_navigation)
