// The two published reference networks: `paper`, a SIREN of two branches (MLP-embedded iTM, ACM MM 2024), and `gamma`, a
// network of sines without biases on encoded inputs (Gain-MLP, ICCV 2025). The Python reference is
// candela_engines/itm/siren.py and gamma_mlp.py.
//
// A pixel's result does not depend on the region that is asked for, on threads, or on the pixels beside it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "candela/dense.hpp"
#include "candela/frame.hpp"
#include "candela/picture.hpp"

namespace candela {

inline constexpr std::size_t siren_numbers = 8963;

class Siren {
public:
    // numbers: colour branch 3-64-32, place branch 2-64-32, both 64-64, last 64-3, each W (inputs, outputs) then b, as
    // the payload stores them: a layer is sin(30 (x W + b)), the last x W + b. std::invalid_argument for another count.
    explicit Siren(std::span<const float> numbers);
    // The same for a picture of a size: the place branch of its every pixel is prepared. 1..131072 pixels a side.
    Siren(std::span<const float> numbers, int height, int width);
    ~Siren();
    Siren(Siren&&) noexcept;

    // PQ codes, unclipped, of colours (n x 3: SDR codes over full scale) at places (n x 2: u, v), n x 3.
    void points(const float* colours, const float* places, std::size_t n, float* codes, int threads,
                const DenseKernel& kernel) const;

    // Renders a region of a picture of that size, in whatever colours: the network has learned them. PQ codes are held
    // within 0..1. `target.data` points at pixel (0, 0) of the whole picture. std::invalid_argument for a picture of
    // another size, a region outside it, or samples that it cannot have.
    void render(const Source& picture, const Region& region, const Target& target, Encoding encoding, int threads,
                const DenseKernel& kernel) const;

    // Nodes between which the place branch is interpolated within a tile; 0: it is evaluated at every pixel.
    int nodes() const;

private:
    struct Parts;
    std::unique_ptr<const Parts> parts_;
};

inline constexpr std::size_t gamma_numbers = 2224;

// Mean and range of S and of gamma: what is normalised is 2 (value - mean)/range.
struct GammaNorms {
    double input_mean, input_range, gamma_mean, gamma_range;
};

class GammaMlp {
public:
    // numbers: W (inputs, outputs) of 120-16, 16-16, 16-3. std::invalid_argument for another count.
    GammaMlp(std::span<const float> numbers, const GammaNorms& norms);
    // The same for a picture of a size (1..131072 pixels a side) and its colours.
    GammaMlp(std::span<const float> numbers, const GammaNorms& norms, int height, int width, const SdrColour& colour);
    ~GammaMlp();
    GammaMlp(GammaMlp&&) noexcept;

    // gamma (n x 3) of inputs (n x 5): S normalised, x and y in -1..1.
    void points(const double* inputs, std::size_t n, double* gamma, int threads, const DenseKernel& kernel) const;

    // Renders a region, as Siren::render: PQ codes (S + 1/64)^gamma - 1/64 within 0..1, gamma held within -20..20. S is
    // the PQ code of the SDR's light with white at 100 nit.
    void render(const Source& picture, const Region& region, const Target& target, Encoding encoding, int threads,
                const DenseKernel& kernel) const;

    // The same from S itself: rows of (R, G, B), packed, of the region alone.
    void render_codes(const double* s, const Region& region, const Target& target, Encoding encoding, int threads,
                      const DenseKernel& kernel) const;

private:
    struct Parts;
    std::unique_ptr<const Parts> parts_;
};

// Mean squared error of a SIREN's codes over samples (colours n x 3, places n x 2, targets n x 3) and channels, and its
// gradient by `numbers`, siren_numbers of them. The result does not depend on `threads`.
double siren_gradient(std::span<const float> numbers, const float* colours, const float* places, const float* targets,
                      std::size_t n, float* gradient, int threads, const DenseKernel& kernel);

// Samples that a gamma network is fitted to, encoded once.
class GammaSamples {
public:
    // inputs (n x 5) as GammaMlp::points has them, targets (n x 3): gamma normalised.
    GammaSamples(const double* inputs, const float* targets, std::size_t n, int threads, const DenseKernel& kernel);

    std::size_t size() const { return count_; }

    // Mean squared error over `count` samples from `first` on, and its gradient by `numbers`, gamma_numbers of them. The
    // result does not depend on `threads`. std::invalid_argument where there are no such samples.
    double gradient(std::span<const float> numbers, std::size_t first, std::size_t count, float* gradient, int threads,
                    const DenseKernel& kernel) const;

private:
    std::size_t count_;
    std::shared_ptr<const float[]> rows_;  // by tiles: the features, then the targets
};

// sin(pi x), n of them, as the networks compute it.
void sines(const float* x, std::size_t n, float* out, const DenseKernel& kernel);

}  // namespace candela
