// Means over blocks: rows of a block are added first, then its columns, in order.
#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "../common/exact_loops.hpp"
#include "candela/threads.hpp"
#include "candela/views.hpp"

namespace candela {
namespace {

constexpr float most = 1e4f, largest = std::numeric_limits<float>::max();
constexpr int band = 4;  // rows of blocks that a thread takes at a time

void add_row(float* CANDELA_APART to, const float* CANDELA_APART from, int n) {
    for (int i = 0; i < n; ++i) to[i] += from[i];
}

constexpr int lanes = 16, piece = 256;  // pixels at a time, planes of which stay in the nearest cache

// −min / max of a row of pixels outside the gamut, 0 of the others.
void excess_row(const float* CANDELA_APART rgb, const GamutView& g, float* CANDELA_APART out, int n) {
    float plane[3][piece], low[piece], high[piece];
    const float* m = g.matrix;
    for (int first = 0; first < n; first += piece, rgb += 3 * piece, out += piece) {
        const int size = std::min(piece, n - first);
        for (int i = 0; i < size; ++i) {
            for (int c = 0; c < 3; ++c) plane[c][i] = rgb[3 * i + c];
        }
        for (auto& channel : plane) std::fill(channel + size, channel + piece, 0.0f);
        // No number once one of them is none, or infinite. In lanes: a sum of one number after the other is slow.
        float any[lanes] = {};
        for (const auto& channel : plane) {
            for (int i = 0; i < piece; i += lanes) {
                for (int l = 0; l < lanes; ++l) any[l] += channel[i + l] * 0.0f;
            }
        }
        if (std::any_of(any, any + lanes, [](float x) { return x != 0; })) {
            for (auto& channel : plane) {
                for (int i = 0; i < size; ++i) {
                    float& x = channel[i];
                    x = x != x ? 0 : x > largest ? most : x < -largest ? 0 : x;
                }
            }
        }
        for (int i = 0; i < piece; ++i) {
            const float p = plane[0][i], q = plane[1][i], s = plane[2][i];
            const float r = (p * m[0] + q * m[1]) + s * m[2];
            const float t = (p * m[3] + q * m[4]) + s * m[5];
            const float b = (p * m[6] + q * m[7]) + s * m[8];
            const float less = r < t ? r : t, more = r > t ? r : t;
            low[i] = less < b ? less : b;
            high[i] = more > b ? more : b;
        }
        float least[lanes] = {};
        for (int i = 0; i < piece; i += lanes) {
            for (int l = 0; l < lanes; ++l) least[l] = low[i + l] < least[l] ? low[i + l] : least[l];
        }
        if (std::all_of(least, least + lanes, [](float x) { return x == 0; })) {
            std::fill(out, out + size, 0.0f);
            continue;
        }
        for (int i = 0; i < piece; ++i) {
            const float y = (plane[0][i] * g.luma[0] + plane[1][i] * g.luma[1]) + plane[2][i] * g.luma[2];
            const float over = high[i] > 1e-3f ? high[i] : 1e-3f, far = -low[i] / over;
            low[i] = y > g.dark ? far : 0.0f;
        }
        for (int i = 0; i < size; ++i) out[i] = low[i] > 0 ? low[i] : 0;
    }
}

// Calls row(top, bottom, room) for bands of rows of blocks; room: `numbers` floats of the thread's own.
void in_bands(int rows, std::size_t numbers, int threads, const std::function<void(int, int, float*)>& work) {
    const auto bands = static_cast<std::size_t>((rows + band - 1) / band);
    share_out(bands, thread_count(threads), [&] {
        return [&, room = std::vector<float>(numbers)](std::size_t item) mutable {
            const int top = static_cast<int>(item) * band;
            work(top, std::min(top + band, rows), room.data());
        };
    });
}

}  // namespace

void block_excess(const LightView& light, int k, const GamutView& gamut, float* out, int threads) {
    const int across = light.width / k, down = light.height / k, n = across * k;
    const float share = static_cast<float>(1.0 / (static_cast<double>(k) * k));
    in_bands(down, static_cast<std::size_t>(n) * 2, threads, [&](int top, int bottom, float* lines) {
        float* row = lines + n;
        for (int y = top; y < bottom; ++y) {
            const float* from = light.data + light.row * y * k;
            excess_row(from, gamut, lines, n);
            for (int i = 1; i < k; ++i) {
                excess_row(from + light.row * i, gamut, row, n);
                add_row(lines, row, n);
            }
            for (int x = 0; x < across; ++x) {
                float sum = lines[x * k];
                for (int i = 1; i < k; ++i) sum += lines[x * k + i];
                out[static_cast<std::size_t>(y) * across + x] = sum * share;
            }
        }
    });
}

}  // namespace candela
