// Four floats in a NEON register of a 64-bit Arm processor.
#pragma once

#include <arm_neon.h>

#include <cstddef>

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 4;
    using Mask = uint32x4_t;
    float32x4_t v;

    static Vector all(float x) { return {vdupq_n_f32(x)}; }
    static Vector load(const float* p) { return {vld1q_f32(p)}; }
    static Vector load_any(const float* p) { return {vld1q_f32(p)}; }
    static Vector multiply_add(Vector a, Vector b, Vector c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
    static Vector positive(Vector a) { return {vmaxnmq_f32(a.v, vdupq_n_f32(0))}; }
    // As on x86: where one of the two is no number, the second.
    static Vector min(Vector a, Vector b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
    static Vector max(Vector a, Vector b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
    static Vector abs(Vector a) { return {vabsq_f32(a.v)}; }
    static Vector sqrt(Vector a) { return {vsqrtq_f32(a.v)}; }
    static Mask less(Vector a, Vector b) { return vcltq_f32(a.v, b.v); }
    static Vector select(Mask m, Vector yes, Vector no) { return {vbslq_f32(m, yes.v, no.v)}; }
    static bool any(Mask m) { return vmaxvq_u32(m) != 0; }
    static Vector round(Vector a) { return {vrndnq_f32(a.v)}; }
    static Vector flip(Vector a, Vector b) {
        const uint32x4_t sign = vshlq_n_u32(vreinterpretq_u32_f32(b.v), 31);
        return {vreinterpretq_f32_u32(veorq_u32(vreinterpretq_u32_f32(a.v), sign))};
    }
    static Vector exponent(Vector a) {
        const uint32x4_t e = vandq_u32(vshrq_n_u32(vreinterpretq_u32_f32(a.v), 23), vdupq_n_u32(255));
        return {vcvtq_f32_s32(vsubq_s32(vreinterpretq_s32_u32(e), vdupq_n_s32(127)))};
    }
    static Vector two_to(Vector n) {
        return {vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n.v), vdupq_n_s32(127)), 23))};
    }
    friend Vector operator+(Vector a, Vector b) { return {vaddq_f32(a.v, b.v)}; }
    friend Vector operator-(Vector a, Vector b) { return {vsubq_f32(a.v, b.v)}; }
    friend Vector operator*(Vector a, Vector b) { return {vmulq_f32(a.v, b.v)}; }
    friend Vector operator/(Vector a, Vector b) { return {vdivq_f32(a.v, b.v)}; }
    void store(float* p) const { vst1q_f32(p, v); }
    void store_any(float* p) const { vst1q_f32(p, v); }
    float sum() const { return vaddvq_f32(v); }
    float smallest() const { return vminnmvq_f32(v); }
    float largest() const { return vmaxnmvq_f32(v); }

    // The sums of four vectors, in their order.
    static Vector sums(const Vector* a) {
        return {vpaddq_f32(vpaddq_f32(a[0].v, a[1].v), vpaddq_f32(a[2].v, a[3].v))};
    }

    // Four rows of four numbers, `stride` apart, to four columns `to_stride` apart.
    static void transpose4(const float* from, std::ptrdiff_t stride, float* to, std::ptrdiff_t to_stride) {
        const float32x4x2_t ab = vzipq_f32(vld1q_f32(from), vld1q_f32(from + stride));
        const float32x4x2_t cd = vzipq_f32(vld1q_f32(from + 2 * stride), vld1q_f32(from + 3 * stride));
        for (int i = 0; i < 2; ++i) {
            vst1q_f32(to + 2 * i * to_stride, vcombine_f32(vget_low_f32(ab.val[i]), vget_low_f32(cd.val[i])));
            vst1q_f32(to + (2 * i + 1) * to_stride, vcombine_f32(vget_high_f32(ab.val[i]), vget_high_f32(cd.val[i])));
        }
    }
};

}  // namespace
}  // namespace candela
