// Rows of tiles, shared out to threads.
#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "../common/aligned.hpp"
#include "../common/kernels.hpp"
#include "candela/threads.hpp"
#include "isa.hpp"

namespace candela {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("render: " + what); }

std::string size_text(int width, int height) { return std::to_string(width) + "x" + std::to_string(height); }

void check(const DefaultNetwork::Parts& net, const Source& picture, const Surroundings::Grids& around,
           const Region& region, const Target& target) {
    if (!picture.data || !target.data) refuse("no picture, or nowhere to put it");
    if (picture.width != net.options.width || picture.height != net.options.height) {
        refuse("the network is for " + size_text(net.options.width, net.options.height) + ", the picture has " +
               size_text(picture.width, picture.height));
    }
    if (around.width != picture.width || around.height != picture.height) refuse("the surroundings are another picture's");
    if (region.left < 0 || region.top < 0 || region.right > picture.width || region.bottom > picture.height ||
        region.left > region.right || region.top > region.bottom) {
        refuse("the region " + std::to_string(region.left) + ".." + std::to_string(region.right) + ", " +
               std::to_string(region.top) + ".." + std::to_string(region.bottom) + " leaves the picture");
    }
    const bool bits_fit = picture.sample == Sample::u8 ? picture.bits == 8 : picture.bits >= 1 && picture.bits <= 16;
    const bool floats = picture.sample == Sample::f16 || picture.sample == Sample::f32;
    if (!bits_fit && !(floats && picture.bits >= 1 && picture.bits <= 32)) {
        refuse(std::to_string(picture.bits) + " bits in such samples");
    }
    if (target.sample == Sample::u8) refuse("8 bits are too few for a result");
    if (target.sample == Sample::u16 && (target.bits < 8 || target.bits > 16)) refuse(std::to_string(target.bits) + " bits of result");
}

}  // namespace

const std::vector<FrameKernel>& all_frame_kernels() {
    static const auto kernels = usable_kernels<FrameKernel>({avx512_frame(), avx2_frame(), neon_frame(), portable_frame()},
                                                            [](const auto& kernel) { return kernel.tile_row; });
    return kernels;
}

const FrameKernel& frame_kernel(std::string_view isa) { return kernel_named(all_frame_kernels(), isa); }

std::vector<std::string_view> frame_kernels() {
    std::vector<std::string_view> names;
    for (const auto& kernel : all_frame_kernels()) names.push_back(kernel.name);
    return names;
}

Work render(const DefaultNetwork& network, const Source& picture, const Surroundings& around, const Region& region,
            const Target& target, const RenderOptions& options) {
    const auto& net = network.parts();
    check(net, picture, around.grids(), region, target);
    Work total;
    if (region.left == region.right || region.top == region.bottom) return total;
    if (target.sample == Sample::u16 && options.encoding == Encoding::nits) refuse("nits in integers");
    const FrameKernel& kernel = frame_kernel(options.isa);
    const FrameJob job{net, picture, around.grids(), region, target, options.encoding, options.fold};
    const int first = region.top / tile_height, last = (region.bottom + tile_height - 1) / tile_height;
    std::mutex mutex;
    share_out(last - first, thread_count(options.threads), [&] {
        std::shared_ptr<float[]> room = aligned_floats(kernel.room_for(net));
        return [&, room, first](std::size_t item) {
            Work work;
            kernel.tile_row(job, first + static_cast<int>(item), room.get(), work);
            const std::lock_guard lock(mutex);
            total.tiles += work.tiles;
            total.dense_tiles += work.dense_tiles;
            total.multiply_adds += work.multiply_adds;
        };
    });
    total.pixels = total.tiles * tile_size;
    return total;
}

}  // namespace candela
