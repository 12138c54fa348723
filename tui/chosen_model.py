"""The population model that a command is given: one of the program's by its key, or a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.plain_text import quoted

if TYPE_CHECKING:
    from dosing.kinetics import Model


def chosen_model(given: str) -> "Model":
    """Return the model of a key or in a file.

    Raises `UserError` where it is neither, or the file is no model.
    """
    from dosing.kinetics import MODEL_KEYS, model_named, read_model  # noqa: PLC0415 - numpy

    if given in MODEL_KEYS:
        return model_named(given)
    try:
        text = Path(given).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            f"{quoted(given)} is neither a model's file nor a key: {', '.join(MODEL_KEYS)}."
        ) from None
    except UnicodeDecodeError:
        raise UserError(f"{given} is not UTF-8: a model is a text file (TOML).") from None
    except OSError as error:
        raise UserError(f"{given} cannot be read: {error.strerror}.") from None
    return read_model(text, given)
