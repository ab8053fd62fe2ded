// The dense kernel for any C++20 compiler: plain loops over four numbers, which compilers vectorise as they can.
#include "isa.hpp"
#include "kernel.hpp"

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 4;
    float v[lanes];

    static Vector all(float x) { return {{x, x, x, x}}; }
    static Vector load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
    static Vector multiply_add(const Vector& a, const Vector& b, const Vector& c) {
        Vector out;
        for (int i = 0; i < lanes; ++i) out.v[i] = a.v[i] * b.v[i] + c.v[i];
        return out;
    }
    static Vector positive(const Vector& a) {
        Vector out;
        for (int i = 0; i < lanes; ++i) out.v[i] = a.v[i] > 0 ? a.v[i] : 0;
        return out;
    }
    void store(float* p) const {
        for (int i = 0; i < lanes; ++i) p[i] = v[i];
    }
};

}  // namespace

TileKernel portable_kernel() { return &dense_tile<Vector, 4, 2>; }

}  // namespace candela
