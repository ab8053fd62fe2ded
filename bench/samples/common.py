"""Shared by the scenes: colour, materials, the scene builder, rendering, denoising and lens glare.

Scenes are rendered in ACEScg (AP1), as a feature would be: emission and reflectance are written as
AP1 numbers, so that neon and flowers can leave BT.709 without any later trick.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np
from mesh import Mesh, join, write_ply

mi.set_variant(os.environ.get("CANDELA_RENDER_VARIANT", "llvm_ad_rgb"))

Array = np.ndarray
WIDTH, HEIGHT = 1920, 1080
# Linear BT.709 (D65) to ACEScg (D60, CAT02), as in the ACES reference configuration.
AP1_FROM_709 = np.array(
    [
        [0.6131324, 0.3395381, 0.0474167],
        [0.0701244, 0.9163940, 0.0134515],
        [0.0205877, 0.1095746, 0.8697854],
    ]
)


def srgb(r: float, g: float, b: float) -> Array:
    """A paint colour picked as 8-bit sRGB, as AP1."""
    c = np.array([r, g, b]) / 255
    lin = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return AP1_FROM_709 @ lin


def blackbody(kelvin: float) -> Array:
    """AP1 colour of a hot body with unit luminance (Planck through a fit of the eye's response)."""
    nm = np.arange(380, 781, 5.0)
    planck = nm**-5 / (np.exp(1.4388e7 / (nm * kelvin)) - 1)

    def lobe(mu: float, s1: float, s2: float) -> Array:
        return np.exp(-0.5 * ((nm - mu) / np.where(nm < mu, s1, s2)) ** 2)

    x = 1.056 * lobe(599.8, 37.9, 31.0) + 0.362 * lobe(442.0, 16.0, 26.7) - 0.065 * lobe(501.1, 20.4, 26.2)
    y = 0.821 * lobe(568.8, 46.9, 40.5) + 0.286 * lobe(530.9, 16.3, 31.1)
    z = 1.217 * lobe(437.0, 11.8, 36.0) + 0.681 * lobe(459.0, 26.0, 13.8)
    xyz = np.array([(planck * c).sum() for c in (x, y, z)])
    xyz /= xyz[1]
    ap1 = np.array(
        [
            [1.6410234, -0.3248033, -0.2364247],
            [-0.6636629, 1.6153316, 0.0167563],
            [0.0117219, -0.0082844, 0.9883949],
        ]
    )
    return np.maximum(ap1 @ xyz, 0)


def texture(
    image: Array,
    filter_type: str = "bilinear",
    wrap: str = "repeat",
    scale: float = 1.0,
    scale_v: float | None = None,
) -> dict[str, Any]:
    """An AP1 image (or a one-channel one) as a texture; `scale` is repeats a metre of uv."""
    data = np.ascontiguousarray(image if image.ndim == 3 else image[..., None], np.float32)
    to_uv = mi.ScalarTransform3f().scale([scale, scale if scale_v is None else scale_v])
    return {
        "type": "bitmap",
        "data": mi.TensorXf(data),
        "raw": True,
        "filter_type": filter_type,
        "wrap_mode": wrap,
        "to_uv": to_uv,
    }


def rgb(c: Sequence[float] | Array) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(x) for x in c]}


def matte(colour: Any) -> dict[str, Any]:
    return two_sided({"type": "diffuse", "reflectance": _colour(colour)})


def glossy(
    colour: Any, roughness: Any = 0.4, specular: float = 0.5, metallic: float = 0.0, **extra: Any
) -> dict[str, Any]:
    rough = roughness if isinstance(roughness, dict) else float(roughness)
    return two_sided(
        {
            "type": "principled",
            "base_color": _colour(colour),
            "roughness": rough,
            "specular": specular,
            "metallic": metallic,
            **extra,
        }
    )


def sheer(colour: Any, through: float = 1.0) -> dict[str, Any]:
    """Cloth, paper or leaf that lets diffuse light through; `through` from 0 to 2."""
    return {
        "type": "principledthin",
        "base_color": _colour(colour),
        "diff_trans": through,
        "roughness": 0.7,
        "eta": 1.3,
        "spec_trans": 0.0,
    }


def bumped(bsdf: dict[str, Any], height: dict[str, Any], scale: float) -> dict[str, Any]:
    inner = bsdf["material"] if bsdf["type"] == "twosided" else bsdf
    return two_sided({"type": "bumpmap", "arbitrary": height, "scale": scale, "bsdf": inner})


def two_sided(bsdf: dict[str, Any]) -> dict[str, Any]:
    return {"type": "twosided", "material": bsdf}


def vertex_colour() -> dict[str, Any]:
    return {"type": "mesh_attribute", "name": "vertex_color"}


def _colour(c: Any) -> dict[str, Any]:
    return c if isinstance(c, dict) else rgb(c)


class Builder:
    """Collects meshes by material, so that a scene of thousands of parts stays a few dozen shapes."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Mesh]] = {}
        self.materials: dict[str, dict[str, Any]] = {}
        self.scene: dict[str, Any] = {"type": "scene"}

    def material(self, name: str, bsdf: dict[str, Any]) -> str:
        self.materials[name] = bsdf
        return name

    def glow(self, name: str, radiance: Any) -> str:
        """A material that emits; the surface itself is black."""
        value = radiance if isinstance(radiance, dict) else rgb(radiance)
        self.materials[name] = {"emit": {"type": "area", "radiance": value}}
        return name

    def add(self, material: str, *meshes: Mesh) -> None:
        self.parts.setdefault(material, []).extend(meshes)

    def build(self, camera: dict[str, Any], width: int, height: int) -> Any:
        film = {
            "type": "hdrfilm",
            "width": width,
            "height": height,
            "pixel_format": "rgba",
            "rfilter": {"type": "box"},
            "component_format": "float32",
        }
        with tempfile.TemporaryDirectory() as tmp:
            scene = dict(self.scene)
            for i, (name, meshes) in enumerate(self.parts.items()):
                path = Path(tmp) / f"{i}.ply"
                write_ply(join(meshes), path)
                shape: dict[str, Any] = {"type": "ply", "filename": str(path)}
                mat = self.materials[name]
                if "emit" in mat:
                    shape["emitter"] = mat["emit"]
                    shape["bsdf"] = {"type": "diffuse", "reflectance": rgb((0, 0, 0))}
                else:
                    shape["bsdf"] = mat
                scene[f"shape_{name}"] = shape
            scene["sensor"] = camera | {"film": film}
            return mi.load_dict(scene)


def camera(
    origin: Sequence[float],
    target: Sequence[float],
    fov: float,
    shift_y: float = 0.0,
    aperture: float = 0.0,
    focus: float = 1.0,
) -> dict[str, Any]:
    """A camera whose `fov` is horizontal; `shift_y` is a lens shift, which keeps verticals upright."""
    cam: dict[str, Any] = {
        "type": "thinlens" if aperture else "perspective",
        "fov": fov,
        "fov_axis": "x",
        "to_world": mi.ScalarTransform4f().look_at(list(origin), list(target), [0, 0, 1]),
        "near_clip": 0.05,
        "far_clip": 1e5,
    }
    if aperture:
        cam |= {"aperture_radius": aperture, "focus_distance": focus}
    else:
        cam["principal_point_offset_y"] = shift_y
    return cam


def render(scene: Any, spp: int, depth: int = 6, seed: int = 0, clamp: float = 60.0) -> dict[str, Array]:
    """Path-trace; returns colour and the guides of the denoiser, float32, height x width x channels."""
    integrator = mi.load_dict(
        {
            "type": "aov",
            "aovs": "albedo:albedo,normal:sh_normal,depth:depth",
            "image": {"type": "path", "max_depth": depth, "rr_depth": 4},
        }
    )
    width, height = scene.sensors()[0].film().size()
    per_pass = max(1, min(spp, (8 * WIDTH * HEIGHT) // (width * height)))
    total: Array | None = None
    passes = -(-spp // per_pass)
    start = time.time()
    for i in range(passes):
        image = np.array(mi.render(scene, integrator=integrator, spp=per_pass, seed=seed + i))
        # A pass that holds a firefly is clamped before averaging: the denoiser cannot know it.
        image[..., :3] = np.clip(np.nan_to_num(image[..., :3]), 0, clamp)
        total = image if total is None else total + image
    assert total is not None
    total /= passes
    # The sky counts as a hit for the path tracer; what it covers is asked of another integrator.
    cover = np.array(mi.render(scene, integrator=mi.load_dict({"type": "depth"}), spp=16, seed=seed + 999))[
        ..., 3
    ]
    print(f"  {passes * per_pass} samples a pixel in {time.time() - start:.0f} s", flush=True)
    return {
        "colour": total[..., :3],
        "alpha": np.clip(cover, 0, 1),
        "albedo": np.clip(total[..., 4:7], 0, 1),
        "normal": total[..., 7:10],
        "depth": total[..., 10],
    }


def denoise(layers: dict[str, Array]) -> Array:
    """Open Image Denoise, guided where there are guides; without the package, the noisy mean."""
    try:
        import pyoidn
    except ImportError:
        print("  pyoidn is missing: not denoised")
        return layers["colour"]
    f = {
        k: np.ascontiguousarray(v, np.float32)
        for k, v in layers.items()
        if k in ("colour", "albedo", "normal")
    }
    if "albedo" not in f:
        return np.asarray(pyoidn.denoise(f["colour"], hdr=True))
    return np.asarray(
        pyoidn.denoise(f["colour"], albedo=f["albedo"], normal=f["normal"], hdr=True, clean_aux=True)
    )


def glare(image: Array, strength: float = 0.04, core: float = 2.0, spread: float = 180.0) -> Array:
    """Veiling glare of a lens: a little of the light, spread by a kernel with a long tail."""
    h, w = image.shape[:2]
    k = h / 1080
    # Padding by half the picture keeps light from wrapping round to the other edge.
    ph, pw = int(h * 1.5), int(w * 1.5)
    y = np.minimum(np.arange(ph), ph - np.arange(ph))[:, None]
    x = np.minimum(np.arange(pw), pw - np.arange(pw))[None, :]
    r2 = (y * y + x * x) / k**2
    kernel = 0.55 * _unit(np.exp(-r2 / (2 * (core * 3) ** 2))) + 0.45 * _unit(
        (1 + r2 / core**2) ** -1.25 * np.exp(-r2 / (2 * spread**2))
    )
    fk = np.fft.rfft2(kernel)
    out = np.empty_like(image)
    for c in range(3):
        spread_light = np.fft.irfft2(np.fft.rfft2(image[..., c], (ph, pw)) * fk, (ph, pw))[:h, :w]
        out[..., c] = (1 - strength) * image[..., c] + strength * spread_light
    return np.maximum(out, 0)


def _unit(k: Array) -> Array:
    return k / k.sum()
