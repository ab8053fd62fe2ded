// Rows of interleaved samples.
#include <bit>
#include <cmath>
#include <type_traits>

#include "counting.hpp"

namespace candela {
namespace {

float number_of(const char* sample, Sample kind) {
    if (kind == Sample::u8) return *reinterpret_cast<const std::uint8_t*>(sample);
    if (kind == Sample::u16) return *reinterpret_cast<const std::uint16_t*>(sample);
    if (kind == Sample::f16) return half_to_float(*reinterpret_cast<const std::uint16_t*>(sample));
    return *reinterpret_cast<const float*>(sample);
}

// Keys of a row of samples, or their codes where there is a table of them; and how many are no numbers.
template <class T, bool halves>
int keys_of(const char* from, const Layout& layout, int n, const std::uint16_t* codes, std::uint16_t* const (&rows)[3]) {
    int bad = 0;
    for (int i = 0; i < n; ++i, from += layout.pixel) {
        for (int k = 0; k < 3; ++k) {
            const T sample = *reinterpret_cast<const T*>(from + k * layout.channel);
            std::uint16_t key;
            if constexpr (std::is_same_v<T, float>) {
                key = half_of_float(sample);
            } else {
                key = sample;
            }
            if constexpr (halves) {
                if constexpr (std::is_same_v<T, float>) {
                    bad += (std::bit_cast<std::uint32_t>(sample) & 0x7f800000u) == 0x7f800000u;
                } else {
                    bad += (key & 0x7c00) == 0x7c00;
                }
            }
            rows[k][i] = codes ? codes[key] : key;
        }
    }
    return bad;
}

int keys(const char* from, Sample sample, const Layout& layout, int n, const std::uint16_t* codes, std::uint16_t* const (&rows)[3]) {
    if (sample == Sample::u8) return keys_of<std::uint8_t, false>(from, layout, n, codes, rows);
    if (sample == Sample::u16) return keys_of<std::uint16_t, false>(from, layout, n, codes, rows);
    if (sample == Sample::f16) return keys_of<std::uint16_t, true>(from, layout, n, codes, rows);
    return keys_of<float, true>(from, layout, n, codes, rows);
}

}  // namespace

FrameCounts count_picture(const void* data, Sample sample, int width, int height, const Layout& layout,
                          const LightTables& tables, const LevelLimits& limits, const Region& area, std::uint16_t* codes,
                          const std::uint16_t* before, int threads, std::string_view isa) {
    check_area(area, width, height);
    const QcLoops& loops = qc_loops(isa);
    const int n = area.right - area.left;
    const bool whole = sample == Sample::u8 || sample == Sample::u16;
    return count_rows(tables, loops, width, area, threads, [&](Counting& c) {
        return [&](int y) {
            const std::size_t at = static_cast<std::size_t>(y) * width + area.left;
            const char* from = static_cast<const char*>(data) + y * layout.row + area.left * layout.pixel;
            std::uint16_t* const rows[3] = {c.line(0), c.line(1), c.line(2)};
            std::uint16_t* most = codes + at;
            const bool scene = tables.scene != nullptr;
            c.counts.nonfinite += keys(from, sample, layout, n, scene ? nullptr : tables.codes, rows);
            if (scene) c.look_up(n);
            const int highest = loops.largest(rows[0], rows[1], rows[2], n, most);
            c.keep_brightest(most, highest, y, n, [&](int i) -> double {
                if (scene) return c.nits()[i];
                float high = -1e30f;
                for (int k = 0; k < 3; ++k) {
                    const float v = number_of(from + i * layout.pixel + k * layout.channel, sample);
                    if (std::abs(v) < 3e38f) high = std::max(high, v);
                }
                return high;
            });
            c.add_outside(y, most, n);
            c.add_most(most, before ? before + at : nullptr, n);
            c.add_channels(y, n);
            if (!whole) return;
            for (int k = 0; k < 3; ++k) c.add_levels(from + k * layout.channel, sample, layout.pixel, n, limits);
        };
    });
}

}  // namespace candela
