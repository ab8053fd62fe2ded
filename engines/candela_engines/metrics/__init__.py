"""Picture quality in one pure function each; all take linear BT.2020 in absolute nits."""

from candela_engines.metrics.delta_e_itp import DeltaEItp, DeltaEItpResult, delta_e_itp, delta_e_itp_map
from candela_engines.metrics.pu_psnr import PuPsnr, pu_psnr, pu_psnr_y

__all__ = [
    "DeltaEItp",
    "DeltaEItpResult",
    "PuPsnr",
    "delta_e_itp",
    "delta_e_itp_map",
    "pu_psnr",
    "pu_psnr_y",
]
