// A row of tiles from codes to result, written once over a vector type. Included by one source per instruction set.
#pragma once

#include "features.hpp"
#include "layers.hpp"
#include "output.hpp"

namespace candela {
namespace {

template <class V, class P>
std::size_t frame_room(const DefaultNetwork::Parts& network) {
    return TileLayers<V>::room_for(network) + 3 * tile_size + sizeof(TileRoom) / sizeof(float);
}

template <class V, class P>
void frame_tile_row(const FrameJob& job, int row, float* room, Work& work) {
    auto& tile = *reinterpret_cast<TileRoom*>(room);
    float* out = room + sizeof(TileRoom) / sizeof(float);
    const bool whole = job.picture.sample == Sample::u8 || job.picture.sample == Sample::u16;
    TileLayers<V> layers(job.network, job.fold, whole, out + 3 * tile_size);
    Features<V, P> features{job, tile};
    const Output<V, P> output(job);
    const int top = row * tile_height;
    for (int left = job.region.left / tile_width * tile_width; left < job.region.right; left += tile_width) {
        features.of_tile(left, top, layers.features());
        layers.evaluate(out, work);
        output.of_tile(left, top, tile.signal[0], out);
    }
}

template <class V, class P>
FrameKernel frame_kernel_of(std::string_view name, bool usable) {
    return {name, usable, &frame_tile_row<V, P>, &frame_room<V, P>, &sum_squares<V, P>};
}

}  // namespace
}  // namespace candela
