// The stand-in for a device in tests: the same functions of pixels, called in a loop, on memory of the processor.
#include <cstring>
#include <vector>

#include "gpu/device.hpp"
#include "gpu/passes.hpp"

namespace candela::plugin::gpu {
namespace {

template <int W>
void pixels(const Job& job, const Memory& memory, std::size_t count) {
    const float* weights = memory.tables + job.network.weights;
    for (std::size_t i = 0; i < count; ++i) render_pixel<W>(job, memory, weights, i);
}

std::size_t area(const Rectangle& r) { return static_cast<std::size_t>(r.right - r.left) * static_cast<std::size_t>(r.bottom - r.top); }

Outcome render(const Job& job, void*, char*) {
    std::vector<float> scratch(job.scratch_floats);
    const Memory memory{static_cast<const float*>(job.tables), scratch.data()};
    for (std::size_t i = 0; i < area(job.needed); ++i) take_codes(job, memory, i);
    for (std::size_t i = 0; i < static_cast<std::size_t>(job.square_columns) * job.square_rows; ++i) sum_square(job, memory, i);
    for (int g = 0; g < 3; ++g) {
        const Grid& grid = job.network.means[g];
        for (std::size_t i = 0; i < static_cast<std::size_t>(grid.width) * grid.height; ++i) mean_over_cell(job, memory, g, i);
    }
    switch (job.network.width) {
        case 16: pixels<16>(job, memory, area(job.window)); break;
        case 32: pixels<32>(job, memory, area(job.window)); break;
        case 64: pixels<64>(job, memory, area(job.window)); break;
        default: pixels<128>(job, memory, area(job.window));
    }
    return Outcome::done;
}

Outcome copy(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t bytes, std::size_t rows, bool, void*,
             char*) {
    for (std::size_t y = 0; y < rows; ++y) {
        std::memcpy(static_cast<char*>(to) + y * to_pitch, static_cast<const char*>(from) + y * from_pitch, bytes);
    }
    return Outcome::done;
}

}  // namespace
}  // namespace candela::plugin::gpu

extern "C" const candela::plugin::gpu::Device* candela_cuda() {
    static constexpr candela::plugin::gpu::Device device{&candela::plugin::gpu::render, &candela::plugin::gpu::copy};
    return &device;
}
