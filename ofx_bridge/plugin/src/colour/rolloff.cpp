// Below the knee, where most of a picture lies, nothing is computed.
#include "rolloff.hpp"

#include <algorithm>

namespace candela::plugin {

RollOff::RollOff(double source_peak, double target_peak)
    : needed_(source_peak > target_peak),
      span_(pq_code(source_peak) - pq_code(0)),
      top_(std::min((pq_code(target_peak) - pq_code(0)) / span_, 1.0)),
      knee_(1.5 * top_ - 0.5) {}

void RollOff::pq(const Rows& rows) const {
    if (!needed_) return;
    const float floor = static_cast<float>(pq_code(0)), span = static_cast<float>(span_), knee = static_cast<float>(knee_);
    const float top = static_cast<float>(top_), from = knee * span + floor;
    constexpr std::size_t part = 256;
    for (std::size_t at = 0; at < rows.count; at += part) {
        const std::size_t count = std::min(part, rows.count - at);
        if (row_kernels().largest(rows.r + at, rows.g + at, rows.b + at, count) < from) continue;
        // The gain of every pixel, and what becomes of its light; only those above the knee take it.
        float largest[part], gain[part];
        const float *r = rows.r + at, *g = rows.g + at, *b = rows.b + at;
        for (std::size_t i = 0; i < count; ++i) {
            largest[i] = std::max(std::max(r[i], g[i]), b[i]);
            const float t = std::clamp(((largest[i] - floor) / span - knee) / (1 - knee), 0.0f, 1.0f), t2 = t * t, t3 = t2 * t;
            gain[i] = ((2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * top) * span + floor;
        }
        float light[part];
        std::copy_n(largest, count, light);
        pq_to_nits(gain, count);
        pq_to_nits(light, count);
        for (std::size_t i = 0; i < count; ++i) gain[i] /= light[i];
        for (float* x : {rows.r + at, rows.g + at, rows.b + at}) {
            std::copy_n(x, count, light);
            pq_to_nits(light, count);
            for (std::size_t i = 0; i < count; ++i) light[i] *= gain[i];
            nits_to_pq(light, count);
            for (std::size_t i = 0; i < count; ++i) x[i] = largest[i] >= from ? light[i] : x[i];
        }
    }
}

}  // namespace candela::plugin
