// Quantised wavelet bands to bytes and back: a quadtree of zero blocks with mixed contexts, cost by content.
// Twin of itm/coding/plane.py, where the method is told.
#include <algorithm>
#include <bit>
#include <cstdlib>

#include "binary.hpp"
#include "grid.hpp"
#include "wavelet.hpp"

namespace candela {
namespace {

constexpr std::int32_t max_magnitude = (1 << 20) - 1;

// Context numbers are laid out in blocks; each block is one input's own table.
constexpr int flag_a = 0, flag_b = 1024, flag_c = 3072, flag_d = 5120;
constexpr int mag_a = 7168, mag_b = 7680, mag_c = 8192, mag_d = 8704;
constexpr int sign_a = 9216, sign_b = 9280, sign_c = 9344, sign_d = 9408;
constexpr int low_a = 9472, low_b = 9600, low_c = 9728, low_d = 9856;
constexpr int plane_contexts = 9984, plane_mixers = 64;

// Magnitudes beside a place, in eight classes.
int class_of(int sum) {
    constexpr int classes[17] = {0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6};
    return sum < 17 ? classes[sum] : 7;
}

int sign_of(std::int32_t v) { return v > 0 ? 1 : v < 0 ? 2 : 0; }

template <class T>
int magnitude(const Bordered<T>& p, int y, int x) {
    return std::abs(static_cast<int>(p(y, x)));
}

// Codes one band of one channel. `source` is what is coded; a decoder has none.
template <class Coder>
class BandCoder {
public:
    BandCoder(Coder& coder, BandGrid& grid, const BandGrid* source, const BandGrid* parent, const BandGrid* first, int level,
              int orient, int channel)
        : coder_(coder), grid_(grid), source_(source), parent_(parent), first_(first), level_(std::min(level, 6)),
          orient_(orient), channel_(std::min(channel, 2)) {}

    void run() {
        for (int y = 0; y < grid_.flags[root].height(); ++y) {
            for (int x = 0; x < grid_.flags[root].width(); ++x) square<root>(y, x, 0, false);
        }
    }

    void run_low();

private:
    template <int k>
    int square(int by, int bx, int siblings, bool implied);
    std::int32_t value(int y, int x, int near, int mother, int twin);
    std::int32_t golomb(std::int32_t value);

    template <int k, class G>
    static auto& level(G& grid) {
        if constexpr (k) {
            return grid.flags[k];
        } else {
            return grid.values;
        }
    }

    Coder& coder_;
    BandGrid& grid_;
    const BandGrid *source_, *parent_, *first_;
    int level_, orient_, channel_;
};

// Codes a square and what is in it; says whether it holds anything but zeros.
template <class Coder>
template <int k>
int BandCoder<Coder>::square(int by, int bx, int siblings, bool implied) {
    auto& flags = level<k>(grid_);
    const int left = magnitude(flags, by, bx - 1), up = magnitude(flags, by - 1, bx);
    const int up_left = magnitude(flags, by - 1, bx - 1), up_right = magnitude(flags, by - 1, bx + 1);
    int near = 2 * left + 2 * up + up_left + up_right;
    int pattern = left << 3 | up << 2 | up_left << 1 | up_right;
    if constexpr (k == 0) pattern = near = class_of(near);
    int mother = 2, around = 0, twin = 0;
    const int py = by >> 1, px = bx >> 1;
    if (parent_) {
        const auto& wider = level<k>(*parent_);
        const bool inside = py < wider.height() && px < wider.width();
        if constexpr (k) {
            const auto& same = level<k - 1>(*parent_);
            mother = by < same.height() && bx < same.width() && same(by, bx) ? 1 : 0;
            around = inside && wider(py, px) ? 1 : 0;
        } else if (inside) {
            mother = 3 + std::min(magnitude(wider, py, px), 3);
            around = std::min(magnitude(wider, py, px - 1) + magnitude(wider, py, px + 1) +
                                  magnitude(wider, py - 1, px) + magnitude(wider, py + 1, px),
                              3);
        }
    }
    if (first_) twin = 1 + std::min(magnitude(level<k>(*first_), by, bx), 2);
    if (!implied) {
        const int n = std::min(near, 7);
        const int flag = coder_.bit({flag_a + (k * 16 + pattern) * 4 + orient_,
                                     flag_b + ((k * 7 + mother) * 4 + around) * 10 + siblings,
                                     flag_c + ((k * 7 + level_) * 8 + n) * 4 + (mother & 3),
                                     flag_d + (((k * 3 + channel_) * 4 + twin) * 8 + n) * 3 + std::min(around, 2)},
                                    k * 4 + std::min(near, 3), source_ && level<k>(*source_)(by, bx) ? 1 : 0);
        if (!flag) return 0;
    }
    if constexpr (k == 0) {
        flags(by, bx) = value(by, bx, near, mother, twin);
    } else {
        flags(by, bx) = 1;
        const auto& parts = level<k - 1>(grid_);
        const int y = by << 1, x = bx << 1;
        const bool right = x + 1 < parts.width(), below = y + 1 < parts.height();
        int found = square<k - 1>(y, x, 0, !(right || below));
        if (right) found += square<k - 1>(y, x + 1, 1 + found, !below && !found);
        if (below) {
            found += square<k - 1>(y + 1, x, 3 + found, !right && !found);
            if (right) square<k - 1>(y + 1, x + 1, 6 + found, !found);
        }
    }
    return 1;
}

template <class Coder>
std::int32_t BandCoder<Coder>::value(int y, int x, int near, int mother, int twin) {
    const auto& v = grid_.values;
    const std::int32_t given = source_ ? source_->values(y, x) : 0;
    const int size = std::abs(given);
    const int beside = class_of(magnitude(v, y, x - 1) + magnitude(v, y - 1, x));
    std::int32_t m = 1;
    for (; m < 18; ++m) {
        const int i = m < 8 ? m - 1 : 7;
        if (!coder_.bit({mag_a + i * 8 + beside, mag_b + (i * 7 + mother) * 8 + near,
                         mag_c + (i * 7 + level_) * 4 + orient_, mag_d + (i * 3 + channel_) * 4 + twin},
                        32 + i, size > m)) {
            break;
        }
    }
    if (m == 18) m += golomb(size - 18);
    int above = 0;
    if (parent_) {
        const auto& p = parent_->values;
        const int py = y >> 1, px = x >> 1;
        above = py < p.height() && px < p.width() ? 1 + orient_ * 3 + sign_of(p(py, px)) : 0;
    }
    const int negative = coder_.bit(
        {sign_a + (sign_of(v(y, x - 1)) * 3 + sign_of(v(y - 1, x))) * 4 + orient_,
         sign_b + orient_ * 3 + sign_of(v(y - 1, x - 1)),
         sign_c + (first_ ? 1 + sign_of(first_->values(y, x)) : 0), sign_d + above},
        40, given < 0);
    return negative ? -m : m;
}

// Exponential Golomb at even odds, for the rare large magnitude.
template <class Coder>
std::int32_t BandCoder<Coder>::golomb(std::int32_t value) {
    const auto next = static_cast<std::uint32_t>(std::max(value, 0)) + 1;
    const int bits = std::bit_width(next) - 1;
    int n = 0;
    while (coder_.raw(1, n < bits)) {
        if (++n > 20) throw Damaged("a coefficient of a coded plane is beyond any picture: it is damaged");
    }
    return static_cast<std::int32_t>((1u << n) - 1 + coder_.raw(n, next - (1u << bits)));
}

// The approximation: small, dense, predicted from the left and from above.
template <class Coder>
void BandCoder<Coder>::run_low() {
    auto& v = grid_.values;
    int last = 0;
    for (int y = 0; y < v.height(); ++y) {
        for (int x = 0; x < v.width(); ++x) {
            const std::int32_t left = v(y, x - 1), up = v(y - 1, x);
            const std::int32_t guess = x && y ? (left + up) >> 1 : x ? left : y ? up : 0;
            const std::int32_t given = source_ ? source_->values(y, x) - guess : 0;
            const auto size = static_cast<std::uint32_t>(std::abs(given));
            const int target = std::bit_width(size);
            int n = 0;
            while (n < 20 && coder_.bit({low_a + channel_ * 24 + n, low_b + 72 + n, low_c + std::min(last, 5) * 20 + n,
                                         low_d + (y ? 48 : 0) + (x ? 24 : 0) + n},
                                        41, n < target)) {
                ++n;
            }
            last = n;
            std::int32_t m = 0;
            if (n) {
                const std::uint32_t top = 1u << (n - 1);
                m = static_cast<std::int32_t>(top + coder_.raw(n - 1, size - top));
                if (coder_.raw(1, given < 0)) m = -m;
            }
            v(y, x) = std::clamp(guess + m, -max_magnitude, max_magnitude);
        }
    }
}

// A channel's bands: the approximation, then three details a level from the coarsest. Channels are interleaved by
// band, so that the second and third are predicted from the first.
template <class Coder>
std::vector<BandGrids> code(Coder& coder, int height, int width, int channels,
                                    const std::vector<BandGrids>* source) {
    const std::vector<Shape> shapes = band_shapes(height, width);
    const int levels = levels_for(height, width);
    std::vector<BandGrids> out(channels);
    for (auto& grids : out) grids.reserve(shapes.size());  // pointers into it have to last
    for (std::size_t b = 0; b < shapes.size(); ++b) {
        const int orient = b ? static_cast<int>((b - 1) % 3) : 3;
        const int level = b ? levels - static_cast<int>((b - 1) / 3) : levels;
        for (int c = 0; c < channels; ++c) {
            BandGrid& grid = out[c].emplace_back(shapes[b].height, shapes[b].width);
            BandCoder<Coder> band(coder, grid, source ? &(*source)[c][b] : nullptr, b > 3 ? &out[c][b - 3] : nullptr,
                                  c ? &out[0][b] : nullptr, level, orient, c);
            b ? band.run() : band.run_low();
        }
    }
    return out;
}

}  // namespace

std::vector<Channel> decode_bands(std::span<const std::uint8_t> data, int height, int width, int channels) {
    if (height < 1 || width < 1 || channels < 1 || channels > 4 ||
        static_cast<std::int64_t>(height) * width > most_samples / channels) {
        throw Damaged("coded planes of " + std::to_string(width) + "x" + std::to_string(height) + "x" +
                      std::to_string(channels) + " are outside the bounds of a payload");
    }
    const std::int64_t samples = static_cast<std::int64_t>(height) * width * channels;
    // A sound stream spends its bytes; one that takes far more decisions than it has bits was made to stall.
    const std::int64_t limit = std::min(64 * (samples + 64), (std::int64_t{1} << 20) + 320 * std::int64_t(data.size()));
    Decoder coder(data, plane_contexts, plane_mixers, limit);
    std::vector<Channel> out(channels);
    const auto grids = code(coder, height, width, channels, nullptr);
    for (int c = 0; c < channels; ++c) {
        for (const BandGrid& grid : grids[c]) {
            const auto& v = grid.values;
            Band band{v.height(), v.width(), {}};
            band.values.reserve(static_cast<std::size_t>(band.height) * band.width);
            for (int y = 0; y < band.height; ++y) {
                band.values.insert(band.values.end(), v.row(y), v.row(y) + band.width);
            }
            out[c].push_back(std::move(band));
        }
    }
    return out;
}

std::vector<std::uint8_t> encode_grids(const std::vector<BandGrids>& source, int height, int width) {
    Encoder coder(plane_contexts, plane_mixers);
    code(coder, height, width, static_cast<int>(source.size()), &source);
    return coder.finish();
}

std::vector<std::uint8_t> encode_bands(std::span<const Channel> channels, int height, int width) {
    std::vector<BandGrids> source(channels.size());
    for (std::size_t c = 0; c < channels.size(); ++c) {
        for (const Band& band : channels[c]) {
            BandGrid& grid = source[c].emplace_back(band.height, band.width);
            const std::int32_t* next = band.values.data();
            for (int y = 0; y < band.height; ++y) {
                for (int x = 0; x < band.width; ++x, ++next) {
                    if (*next) grid.put(y, x, *next);
                }
            }
        }
    }
    return encode_grids(source, height, width);
}

}  // namespace candela
