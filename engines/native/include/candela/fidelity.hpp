// What a viewer gets: PU-PSNR by tiles and ΔE_ITP of a picture against its master. Twin of candela_engines/metrics
// (PuPsnr, DeltaEItp) and itm/quality.py.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "candela/frame.hpp"

namespace candela {

// Sums over a picture that arrives in strips of rows, in any order; the same whatever the strips and the threads.
class Fidelity {
public:
    static constexpr int tile = 64;             // pixels a side
    static constexpr int bins_per_unit = 1000;  // of ΔE_ITP
    static constexpr int top = 1024;            // no two colours of the PQ system are further apart

    // std::invalid_argument for a size below 1.
    Fidelity(int width, int height);

    // Takes rows top..top + rows - 1: light in nits of linear BT.2020, (rows, width, 3) float32 both.
    void add(int top, int rows, const float* test, const float* reference, int threads = 0, std::string_view isa = {});

    // The same of what `render` makes of the rows; reference: the whole picture's light.
    void add_rendering(const DefaultNetwork& network, const Source& picture, const Surroundings& around, int top,
                       int rows, const float* reference, int threads = 0, std::string_view isa = {});

    int width() const { return width_; }
    int height() const { return height_; }
    int across() const { return across_; }
    int down() const { return down_; }

    // Sums of squared errors of PU21, (down, across): one for each tile, the last of a row or column as far as it goes.
    std::vector<double> tiles() const;
    // The sum of ΔE_ITP over the pixels; NaN where one is.
    double delta_sum() const;
    double delta_most() const { return most_; }
    // Pixels by their ΔE_ITP over `bins_per_unit`.
    const std::vector<std::int64_t>& histogram() const { return histogram_; }

private:
    struct Pass;

    int width_, height_, across_, down_;
    std::vector<double> squares_;  // (height, across)
    std::vector<double> deltas_;   // (height)
    double most_ = 0;
    std::vector<std::int64_t> histogram_;
};

}  // namespace candela
