// Curves against the functions that they stand for, and half precision against every value that it has.
#include <bit>
#include <cmath>
#include <cstdint>

#include "candela/colour.hpp"
#include "candela/picture.hpp"
#include "check.hpp"

namespace {

// What a kernel does with one number.
float by_rows(const candela::Curve& curve, float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const int row = static_cast<int>(bits >> curve.shift()) - curve.first();
    const std::uint32_t low = bits & ((1u << curve.shift()) - 1);
    const float middle = 1 + std::ldexp(0.5f, curve.shift() - 23);
    const float t = std::bit_cast<float>(low | 0x3f800000u) - middle;
    const float* c = curve.row(row);
    float y = c[candela::Curve::terms - 1];
    for (int k = candela::Curve::terms - 2; k >= 0; --k) y = std::fma(y, t, c[k]);
    return y;
}

void curves_are_close(const candela::Curve& curve, double most) {
    for (double e = std::log2(curve.lowest()); e < std::log2(curve.beyond()) - 1e-6; e += 1e-3) {
        const auto x = static_cast<float>(std::exp2(e));
        if (x < curve.lowest()) continue;
        const double exact = curve.exact(x);
        if (exact > 1e-30) CHECK(std::fabs(by_rows(curve, x) - exact) <= most * exact);
    }
}

void halves_survive() {
    for (unsigned h = 0; h < 0x10000; ++h) {
        const float value = candela::half_to_float(static_cast<unsigned short>(h));
        if (std::isnan(value)) {
            CHECK(std::isnan(candela::half_to_float(candela::half_of_float(value))));
        } else {
            CHECK(candela::half_of_float(value) == h);
            // Halfway to the next goes to the even one.
            const float next = candela::half_to_float(static_cast<unsigned short>(h + 1));
            if ((h & 0x7fff) < 0x7bff) CHECK(candela::half_of_float(value + (next - value) / 2) == h + (h & 1));
        }
    }
    CHECK(candela::half_of_float(65520.0f) == 0x7c00);
    CHECK(candela::half_of_float(1e-9f) == 0);
}

}  // namespace

int main() {
    using candela::Curve;
    curves_are_close(Curve([](double y) { return candela::pq_code(10000 * y); }, 1, 0), 4e-7);
    curves_are_close(Curve([](double v) { return candela::pq_nits(v); }, 0, 2), 4e-7);
    curves_are_close(Curve([](double v) { return candela::SdrColour{}.light(v); }, 1, 0), 4e-7);
    CHECK(std::fabs(candela::pq_code(100) - 0.508078421517399) < 1e-12);
    CHECK(std::fabs(candela::pq_nits(candela::pq_code(203)) - 203) < 1e-9);
    halves_survive();
}
