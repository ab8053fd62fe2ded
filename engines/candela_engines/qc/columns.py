"""What is kept of every frame: one number a column, and four small arrays. Rules and reports read nothing
else.

`MEASURES_VERSION` goes up with every change of what a column means: kept measurements are then made anew.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COLUMNS", "HISTOGRAM", "ISOLATED", "LEVELS", "MEASURES_VERSION", "SAMPLE_EVERY", "Column"]

MEASURES_VERSION = 3
LEVELS = 1024
"""Bins of the kept histogram of max(R, G, B): 10-bit PQ codes, rounded."""
HISTOGRAM = 128
"""Steps of the histograms that reports show, and of the kept one of luminance: eight 10-bit PQ codes each."""
SAMPLE_EVERY = 8
"""Measures of texture are made of every eighth frame by its number from the clip's first."""
ISOLATED = 1024
"""Most isolated pixels that are kept of a sampled frame, the strongest."""


@dataclass(frozen=True, slots=True)
class Column:
    """name with its unit at the end; sampled: of every eighth frame alone. trend: told in reports."""

    name: str
    sentence: str
    sampled: bool = False
    trend: bool = False


def _columns() -> tuple[Column, ...]:
    c, s = Column, True
    return (
        c("max_nits", "brightest max(R, G, B) of the active picture, of single pixels", trend=True),
        c("max_x_px", "where that is"),
        c("max_y_px", "where that is"),
        c("robust_max_nits", "99.99th percentile of max(R, G, B), nearest rank", trend=True),
        c("fall_nits", "mean of max(R, G, B) of the active picture", trend=True),
        c("luminance_nits", "mean luminance of the active picture, every eighth row", trend=True),
        c("median_nits", "median of max(R, G, B)", trend=True),
        c("p90_nits", "90th percentile of max(R, G, B)", trend=True),
        c("black_nits", "0.1th percentile of max(R, G, B)", trend=True),
        c("red_floor_nits", "0.1th percentile of R, every eighth row"),
        c("green_floor_nits", "0.1th percentile of G, every eighth row"),
        c("blue_floor_nits", "0.1th percentile of B, every eighth row"),
        c("top_percent", "pixels within two 10-bit codes of the brightest", trend=True),
        c("top_ratio", "those over the mean of the eight codes below"),
        c("bottom_percent", "pixels within two 10-bit codes of the darkest", trend=True),
        c("bottom_ratio", "those over the mean of the eight codes above"),
        c(
            "channel_top_percent",
            "of the channel with most: pixels within two 10-bit codes of its brightest, every eighth row",
        ),
        c("channel_top_ratio", "those over the mean of the eight codes below"),
        c("outside_p3_percent", "pixels of BT.2020 that are outside P3-D65", trend=True),
        c(
            "outside_p3_worst_percent",
            "furthest component of P3 below zero, of the light of a pixel of 1 nit or more",
            trend=True,
        ),
        c(
            "rgb_off_percent",
            "pixels with an R', G' or B' beyond the preferred range of EBU R103",
            trend=True,
        ),
        c("luma_off_percent", "luma samples beyond the preferred range of EBU R103"),
        c("luma_low_percent", "luma samples under the nominal range"),
        c("luma_high_percent", "luma samples over the nominal range"),
        c("chroma_off_percent", "chroma samples beyond their nominal range"),
        c("reserved_samples", "samples with codes that are reserved for synchronisation"),
        c("nonfinite_samples", "samples that are NaN or infinite"),
        c("change_codes", "mean difference to the frame before, 10-bit PQ codes", trend=True),
        c("changed_percent", "pixels that differ from the frame before"),
        c("active_left_px", "the active picture of this frame"),
        c("active_top_px", "the active picture of this frame"),
        c("active_width_px", "the active picture of this frame"),
        c("active_height_px", "the active picture of this frame"),
        c("active_decided", "1 where the frame tells where its picture ends, 0 where it is dark and even"),
        c("bar_nits", "light of the bars"),
        c("contours_per_line", "visible contours of banding per line of the picture", s, True),
        c("contour_step_codes", "median step of the contours, 10-bit PQ codes", s),
        c("noise_dark_codes", "noise under 1 nit, 10-bit PQ codes", s, True),
        c("noise_mid_codes", "noise from 1 to 100 nit", s, True),
        c("noise_bright_codes", "noise above 100 nit", s),
        c("skin_percent", "pixels whose hue and chroma are those of skin", s, True),
        c("skin_nits", "their median luminance", s, True),
        c("diffuse_white_nits", "luminance of the brightest neutral areas that are no highlights", s, True),
        c("black_red", "share of red in the light of the darkest hundredth", s),
        c("black_blue", "share of blue there", s),
        c("dark_nits", "mean light of the darkest hundredth", s),
        c("isolated_count", "pixels that stand out from all their neighbours", s),
    )


COLUMNS = _columns()
