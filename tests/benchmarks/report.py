"""Formats measurements: the mean with its 95 % confidence interval, by Student's t."""

from math import sqrt
from statistics import mean, stdev

#: 97.5 % quantile of Student's t by degrees of freedom.
T = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 14: 2.145, 19: 2.093}


def interval(values: list[float]) -> str:
    half = T[len(values) - 1] * stdev(values) / sqrt(len(values))
    return f"{mean(values):.4g} ± {half:.2g}   (least {min(values):.4g}, most {max(values):.4g})"
