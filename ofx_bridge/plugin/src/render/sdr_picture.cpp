// In place for floats, halves, bytes, and words of 16-bit payloads: of all others the engine has to know the payload's bits.
#include "sdr_picture.hpp"

#include <algorithm>
#include <vector>

#include "host/work.hpp"

namespace candela::plugin {
namespace {

constexpr int rows_together = 32;

void unpremultiply_row(const std::byte* pixels, Sample sample, float* r, float* g, float* b, int count) {
    // Alpha as the third of a pixel that begins one sample later.
    std::vector<float> x(static_cast<std::size_t>(count)), alpha(x.size());
    row_kernels().load(pixels + size_of(sample), sample, 4, x.data(), x.data(), alpha.data(), x.size() - 1);
    // The last pixel would be read beyond its end.
    float last[4] = {};
    std::byte padded[32] = {};
    const std::size_t size = size_of(sample);
    std::copy_n(pixels + (x.size() - 1) * 4 * size, 4 * size, padded);
    row_kernels().load(padded + size, sample, 4, last, last + 1, last + 2, 1);
    alpha.back() = last[2];
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!(alpha[i] > 0 && alpha[i] < 1)) continue;
        r[i] /= alpha[i];
        g[i] /= alpha[i];
        b[i] /= alpha[i];
    }
}

}  // namespace

SdrPicture::SdrPicture(ofx::Effect effect, const Image& image, const FrameRect& frame, const Region& needed,
                       const SdrInput& input, int bits, bool unpremultiply) {
    const Region there = frame.region(image.bounds);
    const bool covered = there.left <= needed.left && there.top <= needed.top && there.right >= needed.right && there.bottom >= needed.bottom;
    const bool readable = image.sample != Sample::u16 || bits == 16;
    unpremultiply = unpremultiply && image.channels == 4;
    source_.width = frame.width;
    source_.height = frame.height;
    if (covered && readable && !input.changes() && !unpremultiply) {
        source_.data = image.at(frame.left, frame.host_row(0));
        source_.sample = image.sample;
        source_.bits = image.sample == Sample::u8 ? 8 : bits;
        source_.layout = {-image.row_bytes, image.pixel_bytes(), static_cast<std::ptrdiff_t>(size_of(image.sample))};
        return;
    }
    copy(effect, image, frame, needed, input, unpremultiply);
    source_.bits = bits;
}

void SdrPicture::copy(ofx::Effect effect, const Image& image, const FrameRect& frame, const Region& needed, const SdrInput& input,
                      bool unpremultiply) {
    const int width = needed.right - needed.left, height = needed.bottom - needed.top;
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(width) * 12;
    copy_ = std::make_unique<PixelMemory>(effect, static_cast<std::size_t>(row) * height);
    auto* memory = static_cast<std::byte*>(copy_->data());
    const Region there = frame.region(image.bounds);
    const int from = std::max(needed.left, there.left), to = std::min(needed.right, there.right);
    share_work(effect, (height + rows_together - 1) / rows_together, [&](std::size_t part) {
        std::vector<float> room(3 * static_cast<std::size_t>(width));
        float* planes[3] = {room.data(), room.data() + width, room.data() + 2 * width};
        const int first = needed.top + static_cast<int>(part) * rows_together;
        for (int y = first; y < std::min(first + rows_together, needed.bottom); ++y) {
            std::fill(room.begin(), room.end(), 0.0f);
            if (y >= there.top && y < there.bottom && from < to) {
                const int at = from - needed.left, count = to - from;
                const std::byte* pixels = image.at(frame.left + from, frame.host_row(y));
                const Rows rows{planes[0] + at, planes[1] + at, planes[2] + at, static_cast<std::size_t>(count)};
                row_kernels().load(pixels, image.sample, image.channels, rows.r, rows.g, rows.b, rows.count);
                if (unpremultiply) unpremultiply_row(pixels, image.sample, rows.r, rows.g, rows.b, count);
                input.to_codes(rows);
            }
            row_kernels().store(planes[0], planes[1], planes[2], memory + (y - needed.top) * row, Sample::f32, 3, width);
        }
    });
    source_.data = memory - needed.top * row - static_cast<std::ptrdiff_t>(needed.left) * 12;
    source_.sample = Sample::f32;
    source_.layout = {row, 12, 4};
}

void SdrPicture::codes(int x, int y, int count, float* r, float* g, float* b) const {
    const auto& at = source_.layout;
    const auto* pixels = static_cast<const std::byte*>(source_.data) + y * at.row + x * at.pixel;
    row_kernels().load(pixels, source_.sample, static_cast<int>(at.pixel / at.channel), r, g, b, static_cast<std::size_t>(count));
}

}  // namespace candela::plugin
