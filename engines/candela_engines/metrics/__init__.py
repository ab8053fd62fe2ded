"""Picture quality, one pure function a module; all take linear BT.2020 in absolute nits."""

from candela_engines.metrics.delta_e_itp import DeltaEItp, DeltaEItpResult, delta_e_itp, delta_e_itp_map
from candela_engines.metrics.flicker import Flicker, FlickerLevels, FlickerResult
from candela_engines.metrics.max_cll import LightLevels, Rectangle, max_cll
from candela_engines.metrics.psnr_pq import psnr_pq
from candela_engines.metrics.pu_psnr import PuPsnr, pu_psnr, pu_psnr_y
from candela_engines.metrics.pu_ssim import pu_ms_ssim, pu_ssim
from candela_engines.metrics.worst_tile import WorstTile, worst_tile

__all__ = [
    "DeltaEItp",
    "DeltaEItpResult",
    "Flicker",
    "FlickerLevels",
    "FlickerResult",
    "LightLevels",
    "PuPsnr",
    "Rectangle",
    "WorstTile",
    "delta_e_itp",
    "delta_e_itp_map",
    "max_cll",
    "psnr_pq",
    "pu_ms_ssim",
    "pu_psnr",
    "pu_psnr_y",
    "pu_ssim",
    "worst_tile",
]
