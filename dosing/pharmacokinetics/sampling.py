"""The next sample: the one of some possible times that would narrow a band most.

Before a sample is taken its level is unknown, but not by how much it would narrow what is left
open: by linear Bayes the variance of a concentration shrinks by the square of its correlation with
the measured level. That is the variance to expect on the average over all levels that may come, or
a little more: a level is at least as informative as a straight line makes of it.
"""

import numpy as np

from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.predictive import Predictive


def expected_narrowing(found: Predictive, of: int) -> Array:
    """Return the part of the standard deviation that a level of each time would take away.

    `of` is the place of the concentration to narrow, among the times of `found`.
    """
    off = found.draws - found.weights @ found.draws
    covariance = found.weights @ (off * off[:, [of]])
    variance = found.weights @ off**2
    measured = variance + found.weights @ found.residual_sd**2
    explained = covariance**2 / (np.maximum(variance[of], _LEAST) * measured)
    return np.asarray(1 - np.sqrt(1 - explained))


_LEAST = 1e-12
