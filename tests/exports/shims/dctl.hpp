// What a DCTL takes from its host, as the language's documentation describes it, for a C++ compiler.
#pragma once
#include <cmath>
#include <cstdint>

#define __DEVICE__ static inline
#define __CONSTANT__ static const
#define __CONSTANTREF__ const

struct float2 { float x, y; };
struct float3 { float x, y, z; };
struct float4 { float x, y, z, w; };
static inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }

struct Plane { const float* samples; int width, height; };
typedef const Plane* __TEXTURE__;

// Nearest pixel, edges repeated, as the host's samplers are declared.
static inline float _tex2D(__TEXTURE__ plane, int x, int y) {
    x = x < 0 ? 0 : (x >= plane->width ? plane->width - 1 : x);
    y = y < 0 ? 0 : (y >= plane->height ? plane->height - 1 : y);
    return plane->samples[static_cast<std::int64_t>(y) * plane->width + x];
}

static inline float _powf(float x, float y) { return std::pow(x, y); }
static inline float _expf(float x) { return std::exp(x); }
static inline float _logf(float x) { return std::log(x); }
static inline float _sqrtf(float x) { return std::sqrt(x); }
static inline float _sinf(float x) { return std::sin(x); }
static inline float _cosf(float x) { return std::cos(x); }
static inline float _floorf(float x) { return std::floor(x); }
static inline float _fmaxf(float x, float y) { return x > y ? x : y; }
static inline float _fminf(float x, float y) { return x < y ? x : y; }
static inline float _fabs(float x) { return std::fabs(x); }

static int TIMELINE_FRAME_INDEX = 1;
#define DEFINE_UI_PARAMS(name, label, kind, value) static float name = value;

// A 3D LUT: red the fastest, tetrahedral interpolation by default, or trilinear.
struct Lut { const float* samples; int size; };
extern int candela_trilinear;

static inline float3 lut_node(const Lut& lut, int i, int j, int k) {
    const int last = lut.size - 1;
    i = i > last ? last : i, j = j > last ? last : j, k = k > last ? last : k;
    const float* at = lut.samples + 3 * ((k * lut.size + j) * lut.size + i);
    return {at[0], at[1], at[2]};
}

static inline float3 lut_mix(float3 a, float3 b, float t) {
    return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t};
}

static inline float3 apply_lut(const Lut& lut, float r, float g, float b) {
    const float at[3] = {r * (lut.size - 1), g * (lut.size - 1), b * (lut.size - 1)};
    const int i = static_cast<int>(at[0]), j = static_cast<int>(at[1]), k = static_cast<int>(at[2]);
    const float f[3] = {at[0] - i, at[1] - j, at[2] - k};
    if (candela_trilinear) {
        float3 z[2];
        for (int n = 0; n < 2; n++) {
            const float3 low = lut_mix(lut_node(lut, i, j, k + n), lut_node(lut, i + 1, j, k + n), f[0]);
            const float3 high = lut_mix(lut_node(lut, i, j + 1, k + n), lut_node(lut, i + 1, j + 1, k + n), f[0]);
            z[n] = lut_mix(low, high, f[1]);
        }
        return lut_mix(z[0], z[1], f[2]);
    }
    // From the corner along the axes in the order of their parts.
    int order[3] = {0, 1, 2};
    for (int n = 0; n < 2; n++) {
        for (int m = 0; m < 2 - n; m++) {
            if (f[order[m]] < f[order[m + 1]]) { const int t = order[m]; order[m] = order[m + 1]; order[m + 1] = t; }
        }
    }
    int corner[3] = {i, j, k};
    float3 value = lut_node(lut, i, j, k), out = value;
    for (int n = 0; n < 3; n++) {
        corner[order[n]]++;
        const float3 next = lut_node(lut, corner[0], corner[1], corner[2]);
        const float t = f[order[n]];
        out = {out.x + (next.x - value.x) * t, out.y + (next.y - value.y) * t, out.z + (next.z - value.z) * t};
        value = next;
    }
    return out;
}
#define APPLY_LUT(r, g, b, name) apply_lut(name, r, g, b)
