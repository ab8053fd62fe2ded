"""One pure function a metric: PU-PSNR, PU-SSIM, ΔE_ITP, MaxCLL."""
