// Below the knee, where most of a picture lies, nothing is computed; above it all is in double precision.
#include "rolloff.hpp"

#include <algorithm>
#include <cmath>

namespace candela::plugin {

RollOff::RollOff(double source_peak, double target_peak)
    : needed_(source_peak > target_peak),
      span_(pq_code(source_peak) - pq_code(0)),
      top_(std::min((pq_code(target_peak) - pq_code(0)) / span_, 1.0)),
      knee_(1.5 * top_ - 0.5) {}

double RollOff::mapped(double code) const {
    const double e = std::clamp((code - pq_code(0)) / span_, 0.0, 1.0);
    if (e < knee_ || knee_ >= 1) return e * span_ + pq_code(0);
    const double t = (e - knee_) / (1 - knee_), t2 = t * t, t3 = t2 * t;
    const double spline = (2 * t3 - 3 * t2 + 1) * knee_ + (t3 - 2 * t2 + t) * (1 - knee_) + (-2 * t3 + 3 * t2) * top_;
    return spline * span_ + pq_code(0);
}

void RollOff::pq(const Rows& rows) const {
    if (!needed_) return;
    const float from = static_cast<float>(knee_ * span_ + pq_code(0));
    constexpr std::size_t part = 64;
    for (std::size_t at = 0; at < rows.count; at += part) {
        const std::size_t count = std::min(part, rows.count - at);
        if (row_kernels().largest(rows.r + at, rows.g + at, rows.b + at, count) < from) continue;
        for (std::size_t i = at; i < at + count; ++i) {
            const float largest = std::max({rows.r[i], rows.g[i], rows.b[i]});
            if (!(largest >= from)) continue;
            const double gain = pq_nits(mapped(largest)) / pq_nits(largest);
            for (float* x : {rows.r, rows.g, rows.b}) x[i] = static_cast<float>(pq_code(gain * pq_nits(x[i])));
        }
    }
}

}  // namespace candela::plugin
