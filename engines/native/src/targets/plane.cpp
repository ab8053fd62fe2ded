// Targets of pixels, and the plane of their means, row by row.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "../common/aligned.hpp"
#include "../frame/load.hpp"
#include "candela/threads.hpp"
#include "targets.hpp"

namespace candela {
namespace {

int padded(int n) { return (n + 15) / 16 * 16; }

// Rows of the codes as they are, or with part of the SDR's rounding undone (itm/dequantise.py).
class Codes {
public:
    explicit Codes(const PlaneSource& source) : source_(source), n_(3 * static_cast<std::size_t>(source.codes.width)) {
        for (auto& row : read_) row.resize(n_);
        if (source.strength) {
            down_.resize(n_);
            row_.resize(n_);
        }
    }

    const float* row(int y) {
        const float* here = at(y);
        if (!source_.strength) return here;
        const float *above = at(y - 1), *below = at(y + 1);
        for (std::size_t i = 0; i < n_; ++i) down_[i] = (above[i] + here[i]) + below[i];
        const float share = static_cast<float>(source_.strength) / 8, code = source_.code;
        const auto moved = [&](std::size_t i, float left, float right) {
            const float step = ((down_[i] + left) + right) / 9.0f - here[i], size = std::fabs(step);
            const float taken = std::max(std::min(size, code - size), 0.0f);
            row_[i] = here[i] + (step < 0 ? -taken : taken) * share;
        };
        const std::size_t last = n_ - 3;
        for (std::size_t i = 0; i < 3; ++i) moved(i, down_[i], down_[std::min(i + 3, last + i)]);
        for (std::size_t i = 3; i < last; ++i) moved(i, down_[i - 3], down_[i + 3]);
        for (std::size_t i = std::max<std::size_t>(last, 3); i < n_; ++i) moved(i, down_[i - 3], down_[i]);
        return row_.data();
    }

private:
    // A row over full scale; the last three that were asked for are kept.
    const float* at(int y) {
        y = std::clamp(y, 0, source_.codes.height - 1);
        const int slot = y % 3;
        float* to = read_[slot].data();
        if (held_[slot] == y) return to;
        held_[slot] = y;
        with_samples(source_.codes, [&]<class T>() {
            const Layout& layout = source_.codes.layout;
            const std::byte* from = row_of(source_.codes, y);
            const float full = full_scale(source_.codes);
            if (layout.channel == sizeof(T) && layout.pixel == 3 * sizeof(T)) {
                for (std::size_t i = 0; i < n_; ++i) to[i] = sample_at<T>(from + i * sizeof(T), 0) / full;
                return;
            }
            for (std::size_t x = 0; 3 * x < n_; ++x) {
                for (int c = 0; c < 3; ++c) to[3 * x + c] = sample_at<T>(from + x * layout.pixel, c * layout.channel) / full;
            }
        });
        return to;
    }

    const PlaneSource& source_;
    std::size_t n_;
    std::vector<float> read_[3], down_, row_;
    int held_[3] = {-1, -1, -1};
};

// Samples and weights of a plane's row from targets and weights, 3 x pitch each (guide.to_plane, guide.plane_weight).
void plane_row(const float* target, const float* weight, int pitch, int count, int channels, float* plane, float* counts) {
    static const float axes[3][3] = {
        {static_cast<float>(1 / std::sqrt(3.0)), static_cast<float>(1 / std::sqrt(3.0)), static_cast<float>(1 / std::sqrt(3.0))},
        {static_cast<float>(1 / std::sqrt(2.0)), 0, static_cast<float>(-1 / std::sqrt(2.0))},
        {static_cast<float>(1 / std::sqrt(6.0)), static_cast<float>(-2 / std::sqrt(6.0)), static_cast<float>(1 / std::sqrt(6.0))}};
    for (int x = 0; x < count; ++x) {
        float t[3], w[3];
        for (int c = 0; c < 3; ++c) {
            t[c] = target[c * pitch + x];
            w[c] = weight[c * pitch + x] * weight[c * pitch + x];
        }
        const float total = (w[0] + w[1]) + w[2];
        if (channels == 1) {
            plane[x] = ((t[0] * w[0] + t[1] * w[1]) + t[2] * w[2]) / total * 1.7320508f;
            counts[x] = total / 3;
            continue;
        }
        for (int k = 0; k < channels; ++k) {
            const float* a = axes[k];
            plane[x * channels + k] = (t[0] * a[0] + t[1] * a[1]) + t[2] * a[2];
            counts[x * channels + k] = (w[0] * (a[0] * a[0]) + w[1] * (a[1] * a[1])) + w[2] * (a[2] * a[2]);
        }
    }
}

// Sums of `cell` numbers side by side, over `by`; past the end the last one repeats.
void squeeze(const float* from, int width, int cell, int count, float by, float* to) {
    for (int j = 0; j < count; ++j) {
        float sum = 0;
        for (int i = j * cell; i < (j + 1) * cell; ++i) sum += from[std::min(i, width - 1)];
        to[j] = sum * by;
    }
}

}  // namespace

void targets_of(const float* signal, const float* nits, std::size_t n, Domain domain, const SdrColour& colour,
                float* target, float* weight, int threads, std::string_view isa) {
    const TargetCurves curves(domain, colour);
    const TargetKernel& kernel = target_kernel(isa);
    constexpr int piece = 1024;
    share_out((n + piece - 1) / piece, thread_count(threads), [&] {
        std::shared_ptr<float[]> room = aligned_floats(15 * piece);
        return [&, room](std::size_t part) {
            float *base = room.get() + 6 * piece, *out = base + 3 * piece, *w = out + 3 * piece;
            const std::size_t first = part * piece;
            const int count = static_cast<int>(std::min<std::size_t>(piece, n - first));
            kernel.row(curves, signal + 3 * first, nits + 3 * first, count, piece, room.get(), base, out);
            kernel.weights(curves, base, out, piece, w);
            for (int i = 0; i < count; ++i) {
                for (int c = 0; c < 3; ++c) {
                    target[3 * (first + i) + c] = out[c * piece + i];
                    weight[3 * (first + i) + c] = w[c * piece + i];
                }
            }
        };
    });
}

void plane_of_targets(const PlaneSource& source, Domain domain, const SdrColour& colour, int cell, int channels,
                      float* plane, float* weight, int rows, int threads, std::string_view isa) {
    const TargetCurves curves(domain, colour);
    const TargetKernel& kernel = target_kernel(isa);
    const int height = source.codes.height, width = source.codes.width;
    const int gh = (height + cell - 1) / cell, gw = (width + cell - 1) / cell;
    const int pitch = padded(width), narrow = padded(gw);
    const int looked_at = rows > 0 ? std::min(rows, cell) : cell, above = (cell - looked_at) / 2;
    constexpr int at_a_time = 4;  // rows of the plane
    share_out((gh + at_a_time - 1) / at_a_time, thread_count(threads), [&] {
        std::shared_ptr<float[]> room = aligned_floats(18 * static_cast<std::size_t>(pitch) + 9 * static_cast<std::size_t>(narrow));
        auto codes = std::make_shared<Codes>(source);
        return [&, room, codes](std::size_t part) {
            float *base = room.get() + 6 * pitch, *target = base + 3 * pitch, *sums = target + 3 * pitch;
            float *means = sums + 6 * pitch, *w = means + 6 * narrow;
            const int first = static_cast<int>(part) * at_a_time;
            for (int j = first; j < std::min(gh, first + at_a_time); ++j) {
                std::fill_n(sums, 6 * pitch, 0.0f);
                for (int i = 0; i < looked_at; ++i) {
                    const int y = j * cell + above + i;
                    if (y < height || !i) {  // past the end the last row counts again
                        const float* nits = source.nits + 3 * static_cast<std::size_t>(std::min(y, height - 1)) * width;
                        kernel.row(curves, codes->row(y), nits, width, pitch, room.get(), base, target);
                    }
                    for (int x = 0; x < 6 * pitch; ++x) sums[x] += base[x];
                }
                std::fill_n(means, 6 * narrow, 0.0f);
                for (int c = 0; c < 6; ++c) {
                    squeeze(sums + c * pitch, width, cell, gw, 1.0f / static_cast<float>(cell * looked_at), means + c * narrow);
                }
                kernel.weights(curves, means, means + 3 * narrow, narrow, w);
                const std::size_t at = static_cast<std::size_t>(j) * gw * channels;
                plane_row(means + 3 * narrow, w, narrow, gw, channels, plane + at, weight + at);
            }
        };
    });
}

}  // namespace candela
