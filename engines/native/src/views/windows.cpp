// Means over windows: running totals down the columns of the plane, then down those of its transpose.
#include <algorithm>
#include <vector>

#include "../common/exact_loops.hpp"
#include "candela/threads.hpp"
#include "candela/views.hpp"

namespace candela {
namespace {

constexpr int strip = 16;  // columns at a time: their totals stay in the cache

// Means over 2·radius + 1 rows, written transposed: column x of the plane becomes row x.
void down(const float* plane, int width, int height, int radius, float* out, int threads) {
    const int side = 2 * radius + 1, rows = height + side;
    share_out(static_cast<std::size_t>((width + strip - 1) / strip), thread_count(threads), [&] {
        return [&, totals = std::vector<double>(static_cast<std::size_t>(rows) * strip)](std::size_t item) mutable {
            const int left = static_cast<int>(item) * strip, n = std::min(strip, width - left);
            double* CANDELA_APART total = totals.data();
            for (int i = 0; i + 1 < rows; ++i) {
                const float* row = plane + static_cast<std::size_t>(std::clamp(i - radius, 0, height - 1)) * width + left;
                for (int x = 0; x < n; ++x) total[(i + 1) * strip + x] = total[i * strip + x] + row[x];
            }
            for (int y = 0; y < height; ++y) {
                const double *ahead = total + (y + side) * strip, *behind = total + y * strip;
                for (int x = 0; x < n; ++x) {
                    out[static_cast<std::size_t>(left + x) * height + y] = static_cast<float>((ahead[x] - behind[x]) / side);
                }
            }
        };
    });
}

}  // namespace

void window_means(const float* plane, int width, int height, int radius, float* out, int threads) {
    std::vector<float> turned(static_cast<std::size_t>(width) * height);
    down(plane, width, height, radius, turned.data(), threads);
    down(turned.data(), height, width, radius, out, threads);
}

}  // namespace candela
