"""The languages in which the family's pages are printed, by their codes."""

from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "es": "Spanish",
        "fr": "French",
        "de": "German",
        "nl": "Dutch",
        "it": "Italian",
        "pt": "Portuguese",
        "ar": "Arabic",
    }
)
"""The languages of the family's pages by their codes, with their English names."""
ENGLISH = "en"
