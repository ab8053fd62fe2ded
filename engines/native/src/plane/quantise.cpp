// Bands to integers and back to samples. Twin of itm/coding/quantise.py.
#include <algorithm>
#include <cmath>

#include "../coding/join.hpp"
#include "relaxed.hpp"

namespace candela {
namespace {

constexpr double most_coded = (1 << 20) - 1;  // what the coder has room for

std::int32_t bounded(double magnitude) { return static_cast<std::int32_t>(std::min(magnitude, most_coded)); }

}  // namespace

BandGrids quantised(const FloatBands& bands, int step, const RowLoops& loops, std::vector<std::int64_t>& most) {
    const auto steps = band_steps(step, bands.levels());
    BandGrids out;
    out.reserve(steps.size());
    most.assign(steps.size(), 0);
    std::vector<std::int32_t> places(bands.shapes()[0].width);
    for (std::size_t b = 0; b < steps.size(); ++b) {
        const Shape shape = bands.shapes()[b];
        BandGrid& grid = out.emplace_back(shape.height, shape.width);
        places.resize(std::max<std::size_t>(places.size(), shape.width));
        const auto size = static_cast<double>(steps[b]);
        // A shade below the limit: the few in between are found to be zero one by one.
        const auto limit = static_cast<float>((b ? deadzone : 0.5) * 0.9999 * size);
        for (int y = 0; y < shape.height; ++y) {
            const float* row = bands.row(b, y);
            const int found = loops.beyond(row, shape.width, limit, places.data());
            for (int i = 0; i < found; ++i) {
                const double x = row[places[i]] / size, a = std::fabs(x);
                // From the second level on plain rounding, a shade low: the centroid lies there.
                const double whole = b ? std::floor(a + (a > 1.5 ? 0.45 : 1 - deadzone)) : std::nearbyint(a);
                const std::int32_t m = bounded(whole);
                if (!m) continue;
                grid.put(y, places[i], x < 0 ? -m : m);
                most[b] = std::max<std::int64_t>(most[b], m);
            }
        }
    }
    return out;
}

std::vector<float> samples_of(const Coding& coding, int height, int width, const RowLoops& loops, RowTeam& team) {
    const std::size_t channels = coding.bands.size();
    std::vector<float> out(static_cast<std::size_t>(height) * width * channels);
    const auto put = [&](std::size_t c, const auto& plane) {
        for (std::size_t i = 0; i < plane.size(); ++i) {
            out[i * channels + c] = static_cast<float>(static_cast<double>(plane[i]) / plane_unit);
        }
    };
    for (std::size_t c = 0; c < channels; ++c) {
        const BandGrids& bands = coding.bands[c];
        const auto row = [&](int b, int y) { return bands[b].values.row(y); };
        const auto plane = join_plane(row, coding.most[c], height, width, coding.step, loops, team);
        if (!plane.empty()) {
            put(c, plane);
            continue;
        }
        Channel channel;
        for (const BandGrid& grid : bands) {
            Band& band = channel.emplace_back(Band{grid.values.height(), grid.values.width(), {}});
            for (int y = 0; y < band.height; ++y) {
                band.values.insert(band.values.end(), grid.values.row(y), grid.values.row(y) + band.width);
            }
        }
        put(c, join_bands(std::span(&channel, 1), height, width, coding.step));
    }
    return out;
}

}  // namespace candela
