// The dense kernel for NEON, which every 64-bit Arm processor has.
#include "isa.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>

#include "kernel.hpp"

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 4;
    float32x4_t v;

    static Vector all(float x) { return {vdupq_n_f32(x)}; }
    static Vector load(const float* p) { return {vld1q_f32(p)}; }
    static Vector multiply_add(Vector a, Vector b, Vector c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
    static Vector positive(Vector a) { return {vmaxnmq_f32(a.v, vdupq_n_f32(0))}; }
    void store(float* p) const { vst1q_f32(p, v); }
};

}  // namespace

TileKernel neon_kernel() { return &dense_tile<Vector, 8, 3>; }

}  // namespace candela
#else
namespace candela {
TileKernel neon_kernel() { return nullptr; }
}  // namespace candela
#endif
