// Fidelity over a picture: rows shared out to threads, a row's sums made by one of them, added up in the rows' order.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "../common/aligned.hpp"
#include "../frame/parts.hpp"
#include "candela/fidelity.hpp"
#include "candela/threads.hpp"
#include "fidelity.hpp"

namespace candela {
namespace {

constexpr int piece = tile_height;  // rows that a thread takes at a time

const FidelityCurves& curves() {
    static const FidelityCurves made;
    return made;
}

}  // namespace

// What one thread works with; what it has counted goes to the whole when it is done.
struct Fidelity::Pass {
    Pass(Fidelity& of, std::mutex& mutex, std::string_view isa)
        : whole(of), lock(mutex), kernel(fidelity_kernel(isa)), pitch((of.width_ + 15) / 16 * 16),
          room(aligned_floats(8 * pitch)), counts(of.histogram_.size()) {}
    ~Pass() {
        const std::lock_guard held(lock);
        for (std::size_t i = 0; i < counts.size(); ++i) whole.histogram_[i] += counts[i];
        whole.most_ = std::max(whole.most_, most);
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    void row(int y, const float* test, const float* reference) {
        float *squares = room.get() + 6 * pitch, *deltas = squares + pitch;
        const int width = whole.width_;
        kernel.row(curves(), test, reference, width, room.get(), squares, deltas);
        double* sums = whole.squares_.data() + static_cast<std::size_t>(y) * whole.across_;
        for (int first = 0; first < width; first += tile) {
            double part[4] = {};  // side by side: one sum would wait for each of its additions
            for (int x = first; x < std::min(first + tile, width); ++x) part[x % 4] += squares[x];
            *sums++ = (part[0] + part[1]) + (part[2] + part[3]);
        }
        double part[4] = {};
        float largest = 0;
        for (int x = 0; x < width; ++x) {
            part[x % 4] += deltas[x];
            largest = std::max(largest, deltas[x]);
            const float bin = deltas[x] * bins_per_unit;
            ++counts[bin < top * bins_per_unit ? static_cast<std::size_t>(bin) : counts.size() - 1];
        }
        whole.deltas_[y] = (part[0] + part[1]) + (part[2] + part[3]);
        most = std::max(most, static_cast<double>(largest));
    }

    Fidelity& whole;
    std::mutex& lock;
    const FidelityKernel& kernel;
    std::size_t pitch;
    AlignedFloats room;
    std::vector<std::uint32_t> counts;
    double most = 0;
};

Fidelity::Fidelity(int width, int height)
    : width_(width), height_(height), across_((width + tile - 1) / tile), down_((height + tile - 1) / tile),
      histogram_(top * bins_per_unit + 1) {
    if (width < 1 || height < 1) {
        throw std::invalid_argument("a picture of " + std::to_string(width) + "x" + std::to_string(height));
    }
    squares_.resize(static_cast<std::size_t>(height) * across_);
    deltas_.resize(height);
}

void Fidelity::add(int first, int rows, const float* test, const float* reference, int threads, std::string_view isa) {
    if (first < 0 || rows < 0 || first > height_ - rows) {
        throw std::invalid_argument("rows " + std::to_string(first) + ".." + std::to_string(first + rows) +
                                    " of a picture of " + std::to_string(height_));
    }
    const std::size_t n = 3 * static_cast<std::size_t>(width_);
    std::mutex lock;
    share_out((rows + piece - 1) / piece, thread_count(threads), [&] {
        auto pass = std::make_shared<Pass>(*this, lock, isa);
        return [&, pass](std::size_t part) {
            const int from = static_cast<int>(part) * piece;
            for (int y = from; y < std::min(rows, from + piece); ++y) pass->row(first + y, test + y * n, reference + y * n);
        };
    });
}

void Fidelity::add_rendering(const DefaultNetwork& network, const Source& picture, const Surroundings& around,
                             int first, int rows, const float* reference, int threads, std::string_view isa) {
    if (first < 0 || rows < 0 || first > height_ - rows || picture.width != width_ || picture.height != height_) {
        throw std::invalid_argument("the rows or the picture have not the size of what is measured");
    }
    const std::size_t n = 3 * static_cast<std::size_t>(width_);
    const int begin = first / piece, end = (first + rows + piece - 1) / piece;
    std::mutex lock;
    share_out(end - begin, thread_count(threads), [&] {
        auto pass = std::make_shared<Pass>(*this, lock, isa);
        std::shared_ptr<float[]> strip(new float[piece * n]);
        return [&, pass, strip, begin](std::size_t part) {
            const int from = std::max(first, (begin + static_cast<int>(part)) * piece);
            const int to = std::min(first + rows, (begin + static_cast<int>(part) + 1) * piece);
            // The strip holds the region alone: its pixel (0, 0) lies before it.
            const Layout layout = Layout::packed(width_, Sample::f32);
            const auto at = reinterpret_cast<std::uintptr_t>(strip.get()) - static_cast<std::uintptr_t>(from * layout.row);
            render(network, picture, around, {0, from, width_, to}, {reinterpret_cast<void*>(at), Sample::f32, 16, layout},
                   {Encoding::nits, 1, true, isa});
            for (int y = from; y < to; ++y) pass->row(y, strip.get() + (y - from) * n, reference + y * n);
        };
    });
}

std::vector<double> Fidelity::tiles() const {
    std::vector<double> out(static_cast<std::size_t>(down_) * across_);
    for (int y = 0; y < height_; ++y) {
        for (int i = 0; i < across_; ++i) {
            out[static_cast<std::size_t>(y / tile) * across_ + i] += squares_[static_cast<std::size_t>(y) * across_ + i];
        }
    }
    return out;
}

double Fidelity::delta_sum() const {
    double sum = 0;
    for (const double each : deltas_) sum += each;
    return sum;
}

}  // namespace candela
