// Layers of ReLU units evaluated densely: every unit of every pixel, at the speed of the machine's multiplier.
//
// One source, built for each instruction set; the best that the processor has is chosen at run time.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace candela {

// Layers as numbers. Layer l has weights (inputs x outputs, by rows of outputs) and biases (outputs). All but the last
// are followed by max(0, .).
class Layers {
public:
    // sizes: inputs, then the outputs of every layer, each 1..`most_units`. weights and biases: layer after layer; a
    // layer's weights are (inputs, outputs) in C order. std::invalid_argument where they do not fit together.
    Layers(std::vector<int> sizes, const std::vector<const float*>& weights, const std::vector<const float*>& biases);

    int inputs() const { return sizes_.front(); }
    int outputs() const { return sizes_.back(); }
    int depth() const { return static_cast<int>(sizes_.size()) - 1; }
    int widest() const;

    // Multiply-adds that a pixel takes.
    std::size_t work() const;

    struct Layer {
        int inputs, outputs;
        const float* weights;  // by output: `inputs` of them, then the next output's
        const float* biases;
    };
    Layer layer(int index) const;

private:
    std::vector<int> sizes_;
    std::vector<float> numbers_;
    std::vector<std::size_t> at_;  // of each layer in `numbers_`: weights, then biases
};

inline constexpr int most_units = 4096;
inline constexpr int tile_pixels = 96;  // of which the kernel works a tile at a time: divisible by every register block

// Evaluates one tile: `in` holds inputs x tile_pixels numbers, a row for each input; so does `out` for the outputs.
// scratch: 2 x widest x tile_pixels. All three aligned to 64 bytes.
using TileKernel = void (*)(const Layers& layers, const float* in, float* out, float* scratch);

// An instruction set that this build has a kernel for.
struct DenseKernel {
    std::string_view name;  // avx512, avx2, neon or portable
    TileKernel run;
    bool usable;  // whether the processor at hand has it
};

// All kernels of the build, the best first; the last is portable and always usable.
const std::vector<DenseKernel>& dense_kernels();

// The first usable one, or the one that the environment's CANDELA_ISA names, if it is usable.
const DenseKernel& dense_kernel();

// Outputs (n x outputs) of features (n x inputs), rows `stride` numbers apart, by `threads` threads (0: as many as the
// machine has). The result does not depend on their number.
void evaluate(const Layers& layers, const float* features, std::size_t n, std::size_t stride, float* outputs,
              int threads, const DenseKernel& kernel);

}  // namespace candela
