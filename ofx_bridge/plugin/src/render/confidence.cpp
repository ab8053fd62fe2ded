// The numbers are those of itm/confidence.py and itm/clipped.py.
#include "confidence.hpp"

#include <algorithm>
#include <cmath>

#include "candela/colour.hpp"

namespace candela::plugin {
namespace {

constexpr float luminance[] = {0.2627f, 0.6780f, 0.0593f}, soft = 2.0f / 255;
constexpr double rounding = 1.5 / 255;

// The code over full scale from which on a sample counts as clipped: nominal white in narrow range.
double clipped_from(const Payload& payload) {
    double end = 1;
    if (payload.sdr.narrow && payload.bits >= 8 && payload.bits <= 16) {
        end = static_cast<double>(235 << (payload.bits - 8)) / ((1 << payload.bits) - 1);
    }
    return end - rounding;
}

}  // namespace

Confidence::Confidence(const Payload& payload)
    : soft_from_(static_cast<float>(clipped_from(payload) - 2.0 / 255)),
      certain_(static_cast<float>(payload.clipped ? pq_nits(payload.clipped->first / 4096.0) : reference_white)) {}

void Confidence::of(const Rows& codes, const Rows& nits, float* share) const {
    const float* code[] = {codes.r, codes.g, codes.b};
    const float* light[] = {nits.r, nits.g, nits.b};
    for (std::size_t i = 0; i < codes.count; ++i) {
        float determined = 0, sum = 0;
        for (int c = 0; c < 3; ++c) {
            const float clipped = std::clamp((code[c][i] - soft_from_) / soft, 0.0f, 1.0f);
            const float all = std::max(light[c][i], 1e-6f) * luminance[c], sure = std::min(certain_ * luminance[c], all);
            determined += all + clipped * (sure - all);
            sum += all;
        }
        share[i] = std::clamp(determined / sum, 0.0f, 1.0f);
    }
}

void Confidence::false_colour(const Rows& codes, const float* share) {
    static constexpr struct {
        float low;
        float rgb[3];
    } stops[] = {{0.5f, {255, 128, 32}}, {0.25f, {232, 48, 96}}, {0.0f, {200, 32, 220}}};
    static constexpr float partly[] = {255, 214, 64};
    for (std::size_t i = 0; i < codes.count; ++i) {
        const float grey = std::clamp((codes.r[i] + codes.g[i] + codes.b[i]) / 3, 0.0f, 1.0f) * 160;
        float rgb[] = {grey, grey, grey};
        if (share[i] < 0.9f) {
            for (const auto& stop : stops) {
                if (share[i] < stop.low) continue;
                std::copy_n(stop.rgb, 3, rgb);
                break;
            }
        } else if (share[i] < 0.999f) {
            for (int c = 0; c < 3; ++c) rgb[c] = 0.5f * rgb[c] + 0.5f * partly[c];
        }
        codes.r[i] = rgb[0] / 255;
        codes.g[i] = rgb[1] / 255;
        codes.b[i] = rgb[2] / 255;
    }
}

}  // namespace candela::plugin
