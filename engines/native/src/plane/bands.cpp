#include "bands.hpp"

namespace candela {

FloatBands::FloatBands(int height, int width) : shapes_(band_shapes(height, width)) {
    for (const Shape s : shapes_) bands_.emplace_back(static_cast<std::size_t>(s.height) * s.width);
    for (int l = 0; l <= levels(); ++l) {
        sizes_.push_back({height, width});
        const bool between = l && l < levels();  // the first is the signal, the last band 0
        lows_.emplace_back(between ? static_cast<std::size_t>(height) * width : 0);
        height = (height + 1) / 2;
        width = (width + 1) / 2;
    }
}

}  // namespace candela
