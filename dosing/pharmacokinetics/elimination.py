"""Gaussian elimination for many small, symmetric systems of equations at once.

It is numpy's `linalg.solve` by plain sums and products of whole arrays: each system's figures
are then the same in every digit whatever systems are beside it, and one without a solution does not
stop the others.
"""

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.dual import Array


def solved(matrix: Array, right: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the solutions, and whether each matrix is positive definite.

    `matrix` is (n, n, …), `right` (n, k, …). Without a solution the figures are not finite.

    >>> solution, is_positive = solved(np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[3.0], [3.0]]))
    >>> solution.tolist(), bool(is_positive)
    ([[1.0], [1.0]], True)
    """
    number = len(matrix)
    rows = np.concatenate([matrix, right], axis=1)
    is_positive = np.ones(matrix.shape[2:], dtype=bool)
    for place in range(number):
        is_positive &= rows[place, place] > 0
        row = rows[place] / rows[place, place]
        rows = rows - rows[:, place, None] * row
        rows[place] = row
    return rows[:, number:], is_positive


def inverse(matrix: Array) -> Array:
    """Return the inverse of each symmetric matrix, (n, n, …)."""
    number = len(matrix)
    unit = np.eye(number).reshape(number, number, *[1] * (matrix.ndim - 2))
    found, _ = solved(matrix, np.broadcast_to(unit, matrix.shape))
    return np.asarray((found + found.swapaxes(0, 1)) / 2)
