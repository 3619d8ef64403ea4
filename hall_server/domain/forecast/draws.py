"""Chance, made once for many runs: long shuffled pools that a run reads from a random place.

Drawing from a pool costs an index. The pool of a lognormal holds its quantiles, so that its mean
and tail are exact whatever the seed.
"""

import random
from functools import lru_cache
from math import exp
from statistics import NormalDist

# Prime, so that pools read side by side do not fall into step; many times the visits of a run.
POOL = 4_093


@lru_cache(maxsize=8)
def lognormal_pool(sigma: float) -> tuple[float, ...]:
    """Factors with median 1."""
    normal = NormalDist()
    values = [exp(sigma * normal.inv_cdf((i + 0.5) / POOL)) for i in range(POOL)]
    random.Random(1).shuffle(values)  # noqa: S311 - chance, not secrecy
    return tuple(values)


@lru_cache(maxsize=8)
def gap_pool(gaps: tuple[float, ...]) -> tuple[float, ...]:
    """The gaps, each as often as the others."""
    values = [gaps[i % len(gaps)] for i in range(POOL)]
    random.Random(2).shuffle(values)  # noqa: S311
    return tuple(values)


@lru_cache(maxsize=1)
def even_pool() -> tuple[float, ...]:
    """Evenly between 0 and 1."""
    values = [(i + 0.5) / POOL for i in range(POOL)]
    random.Random(3).shuffle(values)  # noqa: S311
    return tuple(values)
