#include "join.hpp"

#include <algorithm>

#include "../rows/level.hpp"
#include "wavelet.hpp"

namespace candela {
namespace {

std::int64_t largest_of(std::span<const std::int32_t> values) {
    std::int32_t low = 0, high = 0;
    for (std::int32_t v : values) {
        low = std::min(low, v);
        high = std::max(high, v);
    }
    return std::max(-static_cast<std::int64_t>(low), static_cast<std::int64_t>(high));
}

// The approximation `low` and three details become the plane one level finer.
std::vector<std::int32_t> join_level(const std::vector<std::int32_t>& low, const BandRow& row, int first_band,
                                     std::span<const std::int64_t> steps, int height, int width,
                                     const RowLoops& loops, RowTeam& team) {
    std::vector<std::int32_t> out(static_cast<std::size_t>(height) * width);
    const int pairs = (height + 1) / 2, low_width = (width + 1) / 2;
    struct Scratch {
        LiftLevel<std::int32_t> level;
        std::vector<std::int32_t> scaled;
    };
    std::vector<Scratch> scratch;
    for (int i = 0; i < team.size(); ++i) {
        scratch.push_back({{loops.integers, height, width}, std::vector<std::int32_t>(3u * low_width)});
    }
    team.each(parts_of(pairs, team.size()), [&](int part, int member) {
        Scratch& own = scratch[member];
        const auto band = [&](int k, int y) -> const std::int32_t* {
            if (k == 0) return low.data() + static_cast<std::size_t>(y) * low_width;
            std::int32_t* to = own.scaled.data() + static_cast<std::size_t>(k - 1) * low_width;
            const std::int32_t* from = row(first_band + k - 1, y);
            const int n = k == 1 ? low_width : width / 2;
            const auto step = static_cast<std::int32_t>(steps[k - 1]);
            for (int x = 0; x < n; ++x) to[x] = from[x] * step;
            return to;
        };
        own.level.join(part_of(part, pairs, team.size()), band, [&](int y, const std::int32_t* from) {
            std::copy_n(from, width, out.data() + static_cast<std::size_t>(y) * width);
        });
    });
    return out;
}

}  // namespace

std::vector<std::int32_t> join_plane(const BandRow& row, std::span<const std::int64_t> most, int height, int width,
                                     int step, const RowLoops& loops, RowTeam& team) {
    const std::vector<Shape> shapes = band_shapes(height, width);
    const std::vector<std::int64_t> steps = band_steps(step, levels_for(height, width));
    for (std::size_t b = 0; b < shapes.size(); ++b) {
        // A step of its own may be beyond 32 bits where there is nothing to scale by it.
        if (steps[b] > most_to_join || most[b] > most_to_join || most[b] * steps[b] > most_to_join) return {};
    }
    std::vector<std::int32_t> plane(static_cast<std::size_t>(shapes[0].height) * shapes[0].width);
    for (int y = 0; y < shapes[0].height; ++y) {
        const std::int32_t* from = row(0, y);
        std::int32_t* to = plane.data() + static_cast<std::size_t>(y) * shapes[0].width;
        for (int x = 0; x < shapes[0].width; ++x) to[x] = from[x] * static_cast<std::int32_t>(steps[0]);
    }
    Shape at = shapes[0];
    for (std::size_t b = 1; b < shapes.size(); b += 3) {
        if (largest_of(plane) > most_to_join) return {};
        at = {at.height + shapes[b].height, at.width + shapes[b + 1].width};
        plane = join_level(plane, row, static_cast<int>(b), std::span(steps).subspan(b, 3), at.height, at.width, loops,
                           team);
    }
    return plane;
}

std::vector<std::int64_t> join_bands(std::span<const Channel> channels, int height, int width, int step) {
    const std::vector<std::int64_t> steps = band_steps(step, levels_for(height, width));
    std::vector<std::int64_t> planes(static_cast<std::size_t>(height) * width * channels.size());
    RowTeam alone(1);
    for (std::size_t c = 0; c < channels.size(); ++c) {
        const Channel& bands = channels[c];
        std::vector<std::int64_t> most;
        for (const Band& band : bands) most.push_back(largest_of(band.values));
        const auto row = [&](int b, int y) { return bands[b].values.data() + static_cast<std::size_t>(y) * bands[b].width; };
        const auto put = [&](const auto& plane) {
            for (std::size_t i = 0; i < plane.size(); ++i) planes[i * channels.size() + c] = plane[i];
        };
        const auto narrow = join_plane(row, most, height, width, step, row_loops(), alone);
        if (!narrow.empty()) {
            put(narrow);
            continue;
        }
        std::vector<std::vector<std::int64_t>> scaled;
        for (std::size_t b = 0; b < bands.size(); ++b) {
            scaled.emplace_back(bands[b].values.begin(), bands[b].values.end());
            for (std::int64_t& v : scaled.back()) v *= steps[b];
        }
        put(unsplit(std::move(scaled), height, width));
    }
    return planes;
}

}  // namespace candela
