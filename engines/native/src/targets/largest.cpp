// The largest of many numbers, and whether all of them are any.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "candela/targets.hpp"
#include "candela/threads.hpp"

namespace candela {
namespace {

constexpr std::size_t piece = 1 << 18;
constexpr std::int32_t infinite = 0x7f800000;

// As integers, numbers that are not negative have the order of their bits: compilers make vectors of that.
float largest_of_some(const float* numbers, std::size_t n) {
    std::int32_t largest = 0, size = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto bits = std::bit_cast<std::int32_t>(numbers[i]);
        largest = std::max(largest, bits);
        size = std::max(size, bits & 0x7fffffff);
    }
    return size >= infinite ? std::numeric_limits<float>::quiet_NaN() : std::bit_cast<float>(largest);
}

}  // namespace

float largest_of(const float* numbers, std::size_t n, int threads) {
    const std::size_t pieces = (n + piece - 1) / piece;
    std::vector<float> found(pieces, 0.0f);
    share_out(pieces, thread_count(threads), [&] {
        return [&](std::size_t i) { found[i] = largest_of_some(numbers + i * piece, std::min(piece, n - i * piece)); };
    });
    float largest = 0;
    for (const float each : found) {
        if (!(each <= largest)) largest = each;
        if (each != each) break;
    }
    return largest;
}

}  // namespace candela
