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

namespace candela {

// Pixels of three channels somewhere in memory: strides in numbers, not bytes.
template <class T>
struct Pixels {
    T* data;
    std::ptrdiff_t row, pixel, channel;
    T& at(std::ptrdiff_t y, std::ptrdiff_t x, std::ptrdiff_t c) const { return data[y * row + x * pixel + c * channel]; }
};

// Part of a picture, in pixels.
struct Region {
    int top, left, height, width;
};

inline constexpr std::size_t siren_numbers = 8963;

class Siren {
public:
    // numbers: colour branch 3-64-32, place branch 2-64-32, both 64-64, last 64-3, each W (inputs, outputs) then b, as
    // the payload stores them: a layer is sin(30 (x W + b)), the last x W + b. std::invalid_argument for another count.
    explicit Siren(std::span<const float> numbers);
    // The same for a picture of a size: the place branch of its every pixel is prepared. 1..65536 pixels a side.
    Siren(std::span<const float> numbers, int height, int width);
    ~Siren();
    Siren(Siren&&) noexcept;

    // PQ codes, unclipped, of colours (n x 3: SDR codes over full scale) at places (n x 2: u, v), n x 3.
    void points(const float* colours, const float* places, std::size_t n, float* codes, int threads,
                const DenseKernel& kernel) const;

    // PQ codes, unclipped, of a region of the picture. signal: its SDR codes over full scale; signal and codes begin at
    // the region's first pixel. std::invalid_argument where there is no such region in the picture.
    void picture(const Region& region, const Pixels<const float>& signal, const Pixels<float>& codes, int threads,
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
    // The same for a picture of a size, 1..65536 pixels a side.
    GammaMlp(std::span<const float> numbers, const GammaNorms& norms, int height, int width);
    ~GammaMlp();
    GammaMlp(GammaMlp&&) noexcept;

    // gamma (n x 3) of inputs (n x 5): S normalised, x and y in -1..1.
    void points(const double* inputs, std::size_t n, double* gamma, int threads, const DenseKernel& kernel) const;

    // PQ codes (S + 1/64)^gamma - 1/64 within 0..1 of a region of the picture, gamma held within -20..20. s: S, the PQ
    // codes (0..1) of the SDR's light; s and codes begin at the region's first pixel.
    void picture(const Region& region, const Pixels<const double>& s, const Pixels<float>& codes, int threads,
                 const DenseKernel& kernel) const;

private:
    struct Parts;
    std::unique_ptr<const Parts> parts_;
};

// sin(pi x), n of them, as the networks compute it.
void sines(const float* x, std::size_t n, float* out, const DenseKernel& kernel);

}  // namespace candela
