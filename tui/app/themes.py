"""The colours of the app: dark, light and high contrast.

Text has a contrast of at least 4.5 to 1 against what is behind it, of 7 to 1 in high contrast (WCAG
2.2, 1.4.3 and 1.4.6). Textual's own colours of text are fainter. No state has a colour alone.
"""

from collections.abc import Mapping

from textual.theme import Theme

THEMES = {
    "dark": "textual-dark",
    "light": "textual-light",
    "high-contrast": "sirolimus-high-contrast",
}
"""The themes of the settings, with Textual's names."""

HIGH_CONTRAST = Theme(
    name=THEMES["high-contrast"],
    primary="#7FC4FF",
    secondary="#7FC4FF",
    warning="#FFD60A",
    error="#FF8A8A",
    success="#6BFF95",
    accent="#FFD60A",
    foreground="#FFFFFF",
    background="#000000",
    surface="#0A0A0A",
    panel="#161616",
    boost="#202020",
    dark=True,
)

_TEXT: Mapping[str, Mapping[str, str]] = {
    THEMES["dark"]: {
        "text-muted": "#ABABAB",
        "text-disabled": "#ABABAB",
        "text-error": "#FF9DB0",
        "text-primary": "#8EC6F2",
        "text-secondary": "#8EC6F2",
        "block-cursor-background": "#0A4F85",
        "block-cursor-foreground": "#FFFFFF",
    },
    THEMES["light"]: {
        "text-muted": "#303030",
        "text-disabled": "#303030",
        "text-accent": "#4A2B00",
        "text-warning": "#4A2B00",
        "text-success": "#0C3D1E",
        "text-error": "#6B0F28",
        "text-primary": "#00335C",
        "text-secondary": "#00335C",
        "input-selection-background": "#B9D7F2",
    },
    THEMES["high-contrast"]: {
        "text": "#FFFFFF",
        "text-muted": "#E6E6E6",
        "text-disabled": "#E6E6E6",
        "text-accent": "#FFE14D",
        "text-warning": "#FFD60A",
        "text-error": "#FFB0B0",
        "text-success": "#8CFFAE",
        "text-primary": "#A6D8FF",
        "text-secondary": "#A6D8FF",
        "primary-muted": "#0B2A4A",
        "input-selection-background": "#1F4F82",
        "block-cursor-background": "#FFFFFF",
        "block-cursor-foreground": "#000000",
    },
}


def colours_of(theme: str) -> Mapping[str, str]:
    """Return the colours that replace Textual's in a theme, by their names in a style sheet."""
    return _TEXT.get(theme, {})
