// Features to outputs by tiles, on threads.
#include <algorithm>

#include "../common/aligned.hpp"
#include "candela/dense.hpp"
#include "candela/threads.hpp"

namespace candela {

void evaluate(const Layers& layers, const float* features, std::size_t n, std::size_t stride, float* outputs,
              int threads, const DenseKernel& kernel) {
    const int in = layers.inputs(), out = layers.outputs();
    const std::size_t tiles = (n + tile_pixels - 1) / tile_pixels;
    const std::size_t wanted = std::min(thread_count(threads), std::max<std::size_t>(1, tiles / 8));
    share_out(tiles, wanted, [&] {
        // Room for a tile's inputs, outputs and activations, made once a thread.
        std::shared_ptr<float[]> x = aligned_floats(static_cast<std::size_t>(in) * tile_pixels);
        std::shared_ptr<float[]> y = aligned_floats(static_cast<std::size_t>(out) * tile_pixels);
        std::shared_ptr<float[]> scratch = aligned_floats(static_cast<std::size_t>(2) * layers.widest() * tile_pixels);
        std::fill_n(x.get(), static_cast<std::size_t>(in) * tile_pixels, 0.0f);
        return [=, &layers, &kernel](std::size_t tile) {
            const std::size_t first = tile * tile_pixels;
            const int count = static_cast<int>(std::min<std::size_t>(tile_pixels, n - first));
            for (int p = 0; p < count; ++p) {
                const float* row = features + (first + p) * stride;
                for (int k = 0; k < in; ++k) x[static_cast<std::size_t>(k) * tile_pixels + p] = row[k];
            }
            kernel.run(layers, x.get(), y.get(), scratch.get());
            for (int p = 0; p < count; ++p) {
                float* row = outputs + (first + p) * out;
                for (int j = 0; j < out; ++j) row[j] = y[static_cast<std::size_t>(j) * tile_pixels + p];
            }
        };
    });
}

}  // namespace candela
