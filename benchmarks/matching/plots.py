"""The measures as plots (Schaubilder): SVG by Matplotlib, the same bytes for the same figures.

Matplotlib is only needed here; whoever imports this file needs it, everything else works without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from benchmarks.matching.measures import by_class, reliability, upper_bound
from benchmarks.matching.thresholds import as_played, moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

    from benchmarks.matching.measures import Bin, Judged, Measures
    from benchmarks.matching.thresholds import Point

_STYLE: Final[dict[RcKeyType, Any]] = {
    "svg.hashsalt": "kontorist",  # ids inside the file would be drawn at random
    "svg.fonttype": "none",  # text stays text: searchable, and sharp in print
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}
# Without a date and a version, a file changes only when its figures do.
_NOTHING_OF_TODAY: Final = {"Date": None, "Creator": None}

# Told apart by shape and lightness too, so that a print in grey can be read (colours after Okabe and Ito 2008).
_OURS: Final = "#0072b2"
_PALE: Final = "#9ecae1"
_RIVALS: Final = (("s", "#d55e00"), ("^", "#009e73"), ("D", "#7a3e9d"), ("v", "#b8860b"), ("P", "#555555"))
_GREY: Final = "#888888"


def draw_all(ours: Sequence[Judged], against: Mapping[str, Sequence[Judged]], folder: Path) -> dict[str, Path]:
    """Draw every plot into a folder, and give the files by what they show.

    ``against`` holds the decisions of ours and of each rival on the same payments; the first one is ours.
    """
    with mpl.rc_context(_STYLE):
        return {
            "thresholds": _save(thresholds(against), folder / "matching-thresholds.svg"),
            "reliability": _save(stated_and_true(ours), folder / "matching-reliability.svg"),
            "classes": _save(classes(by_class(ours)), folder / "matching-classes.svg"),
        }


def thresholds(against: Mapping[str, Sequence[Judged]]) -> Figure:
    """Draw what is booked against what of it is wrong: ours as the threshold moves, each rival as it is."""
    (name, ours), *rivals = against.items()
    figure, axes = _figure(7.4, 4.8)
    curve = moved(ours)
    axes.plot(
        [p.wrong_per_ten_thousand for p in curve],
        [p.automatic_rate for p in curve],
        color=_OURS,
        label=f"{name}, if the probability alone decided",
    )
    _mark(axes, as_played(ours), f"{name}, as it is", ("o", _OURS))
    for number, (rival, judged) in enumerate(rivals):
        _mark(axes, as_played(judged), rival, _RIVALS[number % len(_RIVALS)])
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(left=-0.05)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("wrong bookings in 10,000 automatic ones (fewer is better); the line ends at the 95 % bound")
    axes.set_ylabel("bookable payments booked alone")
    axes.legend(loc="lower right", frameon=True, framealpha=1, edgecolor="#dddddd", fontsize=9)
    return figure


def stated_and_true(judged: Sequence[Judged]) -> Figure:
    """Draw how often first proposals were right against what was stated, and how many there were.

    The upright lines hold the true share with a confidence of 95 % (Clopper and Pearson 1934).
    """
    bins = [one for one in reliability(judged).bins if one is not None]
    figure = Figure(figsize=(5.4, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="what would be perfect")
    upper.errorbar(
        [b.stated for b in bins],
        [b.right for b in bins],
        yerr=tuple(zip(*map(_uncertain, bins), strict=True)) if bins else None,
        color=_OURS,
        marker="o",
        linestyle="none",
        elinewidth=1,
        capsize=3,
        label="first proposals",
        clip_on=False,
    )
    upper.set_ylim(0, 1)
    upper.set_ylabel("right")
    upper.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    upper.legend(loc="lower right", frameon=True, framealpha=1, edgecolor="#dddddd")
    lower.bar([b.stated for b in bins], [b.count for b in bins], width=0.06, color=_PALE, edgecolor=_OURS)
    lower.set_yscale("log")
    lower.yaxis.set_major_formatter("{x:,.0f}")
    lower.set_ylabel("proposals")
    lower.set_xlim(0, 1)
    lower.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    lower.set_xlabel("stated probability")
    return figure


def classes(measured: Mapping[str, Measures]) -> Figure:
    """Draw for each class what of its bookable payments is booked alone, and what waits with the right proposal."""
    frequent_first = sorted(measured.items(), key=lambda one: (-one[1].bookable, one[0]))
    shown = {name: m for name, m in frequent_first if m.bookable}
    names = [f"{name.replace('_', ' ')} ({m.bookable:,})" for name, m in shown.items()]
    alone = [m.automatic_rate for m in shown.values()]
    waiting = [m.among_three_bookable / m.bookable for m in shown.values()]
    figure, axes = _figure(7.4, 1.3 + 0.27 * len(names))
    axes.barh(names, alone, color=_OURS, label="booked alone")
    axes.barh(
        names,
        waiting,
        left=alone,
        color=_PALE,
        hatch="////",
        edgecolor="white",
        label="waits, the right booking among the first three",
    )
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("share of the bookable payments of a class (how many there are)")
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Give an empty plot; sizes in inches, and no window anywhere."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _uncertain(one: Bin) -> tuple[float, float]:
    """Give how far below and above what was seen the true share may be."""
    hits = round(one.right * one.count)
    lowest = 1 - upper_bound(one.count - hits, one.count, 0.975)
    return max(0.0, one.right - lowest), max(0.0, upper_bound(hits, one.count, 0.975) - one.right)


def _mark(axes: Axes, point: Point, name: str, look: tuple[str, str]) -> None:
    """Draw a point, and a line to the right up to the bound."""
    marker, color = look
    ends = [point.wrong_per_ten_thousand, point.wrong_at_most]
    axes.plot(ends, [point.automatic_rate] * 2, color=color, linewidth=1, alpha=0.8)
    axes.plot(
        point.wrong_per_ten_thousand,
        point.automatic_rate,
        color=color,
        marker=marker,
        markersize=8,
        linestyle="none",
        label=name,
        clip_on=False,
        zorder=3,
    )


def _save(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata=_NOTHING_OF_TODAY)
    return path
