"""Tests that drive the app: each one an async function, run in a loop of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

Given = ParamSpec("Given")


def driven(test: Callable[Given, Coroutine[Any, Any, None]]) -> Callable[Given, None]:
    """Run an async test."""

    @wraps(test)
    def run(*arguments: Given.args, **named: Given.kwargs) -> None:
        asyncio.run(test(*arguments, **named))

    return run
