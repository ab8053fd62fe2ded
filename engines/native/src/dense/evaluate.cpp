// Features to outputs by tiles, on threads.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <memory>
#include <system_error>
#include <new>
#include <thread>

#include "candela/dense.hpp"

namespace candela {
namespace {

struct Free {
    void operator()(float* p) const { ::operator delete[](p, std::align_val_t{64}); }
};
using Buffer = std::unique_ptr<float[], Free>;

Buffer buffer(std::size_t count) {
    return Buffer(static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t{64})));
}

}  // namespace

void evaluate(const Layers& layers, const float* features, std::size_t n, std::size_t stride, float* outputs,
              int threads, const DenseKernel& kernel) {
    const int in = layers.inputs(), out = layers.outputs();
    const std::size_t tiles = (n + tile_pixels - 1) / tile_pixels;
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        // Room for a tile's inputs, outputs and activations: allocated here, so that nothing below can fail.
        const Buffer x = buffer(static_cast<std::size_t>(in) * tile_pixels);
        const Buffer y = buffer(static_cast<std::size_t>(out) * tile_pixels);
        const Buffer scratch = buffer(static_cast<std::size_t>(2) * layers.widest() * tile_pixels);
        std::fill_n(x.get(), static_cast<std::size_t>(in) * tile_pixels, 0.0f);
        for (std::size_t tile; (tile = next.fetch_add(1)) < tiles;) {
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
        }
    };
    std::size_t wanted = threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
    wanted = std::min<std::size_t>({wanted, 256, std::max<std::size_t>(1, tiles / 8)});  // no thread for a few tiles
    std::vector<std::thread> others;
    std::exception_ptr failed;
    try {
        for (std::size_t i = 1; i < wanted; ++i) {
            others.emplace_back([&] {
                try {
                    work();
                } catch (const std::bad_alloc&) {
                    // The thread's tiles are taken by those that have room.
                }
            });
        }
    } catch (const std::system_error&) {
        // No more threads to be had: those there are do the work.
    }
    try {
        work();
    } catch (...) {
        failed = std::current_exception();
    }
    for (auto& thread : others) thread.join();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace candela
