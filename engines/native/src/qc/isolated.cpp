// Pixels that stand out from all their neighbours.
#include <vector>

#include "counting.hpp"

namespace candela {

std::vector<std::int32_t> isolated_pixels(const std::uint16_t* codes, int width, int height, const Region& area, int least,
                                          std::string_view isa) {
    check_area(area, width, height);
    const QcLoops& loops = qc_loops(isa);
    const int n = area.right - area.left;
    std::vector<std::uint16_t> high(n), low(n);
    std::vector<std::int32_t> found;
    for (int y = area.top + 1; y < area.bottom - 1; ++y) {
        const std::uint16_t* row = codes + static_cast<std::size_t>(y) * width + area.left;
        if (!loops.stands_out(row - width, row, row + width, n, least, high.data(), low.data())) continue;
        for (int i = 1; i < n - 1; ++i) {
            if (row[i] >= high[i] + least) found.insert(found.end(), {area.left + i, y, row[i] - high[i]});
            else if (row[i] + least <= low[i]) found.insert(found.end(), {area.left + i, y, row[i] - low[i]});
        }
    }
    return found;
}

}  // namespace candela
