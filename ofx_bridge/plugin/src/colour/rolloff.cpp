// Below the knee, where most of a picture lies, nothing is computed.
#include "rolloff.hpp"

#include <algorithm>

namespace candela::plugin {

RollOff::RollOff(double source_peak, double target_peak) : needed_(source_peak > target_peak) {
    const double floor = pq_code(0), span = pq_code(source_peak) - floor;
    const double top = std::min((pq_code(target_peak) - floor) / span, 1.0), knee = 1.5 * top - 0.5;
    curve_ = {static_cast<float>(floor), static_cast<float>(span), static_cast<float>(knee), static_cast<float>(top)};
    knee_code_ = curve_.knee * curve_.span + curve_.floor;
    knee_nits_ = static_cast<float>(pq_nits(knee * span + floor));
}

void RollOff::bend(float* codes, std::size_t count) const {
    row_kernels().bend(curve_.floor, curve_.span, curve_.knee, curve_.top, codes, count);
}

void RollOff::nits(const Rows& rows) const {
    if (!needed_) return;
    for (std::size_t at = 0; at < rows.count; at += together) {
        const std::size_t count = std::min(together, rows.count - at);
        float *r = rows.r + at, *g = rows.g + at, *b = rows.b + at;
        if (row_kernels().largest(r, g, b, count) < knee_nits_) continue;
        float largest[together], gain[together];
        row_kernels().largest_of_each(r, g, b, largest, count);
        std::copy_n(largest, count, gain);
        nits_to_pq(gain, count);
        bend(gain, count);
        pq_to_nits(gain, count);
        row_kernels().gain(largest, knee_nits_, gain, count);
        for (float* x : {r, g, b}) row_kernels().times(gain, x, count);
    }
}

void RollOff::pq(const Rows& rows) const {
    if (!needed_) return;
    for (std::size_t at = 0; at < rows.count; at += together) {
        const std::size_t count = std::min(together, rows.count - at);
        if (row_kernels().largest(rows.r + at, rows.g + at, rows.b + at, count) < knee_code_) continue;
        // The gain of every pixel, and what becomes of its light; only those above the knee take it.
        float largest[together], gain[together], light[together];
        const float *r = rows.r + at, *g = rows.g + at, *b = rows.b + at;
        row_kernels().largest_of_each(r, g, b, largest, count);
        std::copy_n(largest, count, gain);
        std::copy_n(largest, count, light);
        bend(gain, count);
        pq_to_nits(gain, count);
        pq_to_nits(light, count);
        for (std::size_t i = 0; i < count; ++i) gain[i] /= light[i];
        for (float* x : {rows.r + at, rows.g + at, rows.b + at}) {
            std::copy_n(x, count, light);
            pq_to_nits(light, count);
            row_kernels().times(gain, light, count);
            nits_to_pq(light, count);
            for (std::size_t i = 0; i < count; ++i) x[i] = largest[i] >= knee_code_ ? light[i] : x[i];
        }
    }
}

}  // namespace candela::plugin
