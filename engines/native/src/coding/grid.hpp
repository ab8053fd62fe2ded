// A band as its coder sees it: numbers, and flags of the squares that hold anything but zeros.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "candela/coding.hpp"

namespace candela {

// Numbers (height x width) with a border of zeros, so that neighbours outside read as zero. They come as zeros from the
// system, which gives pages their memory when they are first written: empty regions of a band cost next to nothing.
template <class T>
class Bordered {
public:
    Bordered() = default;
    Bordered(int height, int width) : stride_(width + 2), height_(height), width_(width) {
        values_.reset(static_cast<T*>(std::calloc(static_cast<std::size_t>(height + 2) * stride_, sizeof(T))));
        if (!values_) throw std::bad_alloc();
    }

    T& operator()(int y, int x) { return values_[place(y, x)]; }
    T operator()(int y, int x) const { return values_[place(y, x)]; }
    const T* row(int y) const { return values_.get() + place(y, 0); }
    int height() const { return height_; }
    int width() const { return width_; }

private:
    struct Free {
        void operator()(T* p) const { std::free(p); }
    };

    std::size_t place(int y, int x) const {
        return static_cast<std::size_t>(y + 1) * static_cast<std::size_t>(stride_) + static_cast<std::size_t>(x + 1);
    }

    std::unique_ptr<T[], Free> values_;
    int stride_ = 0, height_ = 0, width_ = 0;
};

inline constexpr int root = 5;  // the largest squares are of 1 << 5

struct BandGrid {
    Bordered<std::int32_t> values;
    std::array<Bordered<std::uint8_t>, root + 1> flags;  // flags[k]: of squares of 1 << k; there is no flags[0]

    BandGrid(int height, int width) : values(height, width) {
        for (int k = 1; k <= root; ++k) {
            const int side = (1 << k) - 1;
            flags[k] = Bordered<std::uint8_t>((height + side) >> k, (width + side) >> k);
        }
    }

    // Puts a number that is not 0 in its place, with the flags above it.
    void put(int y, int x, std::int32_t value) {
        values(y, x) = value;
        for (int k = 1; k <= root; ++k) {
            std::uint8_t& flag = flags[k](y >> k, x >> k);
            if (flag) return;  // then those above it are set as well
            flag = 1;
        }
    }
};

using BandGrids = std::vector<BandGrid>;  // the bands of one channel

// The stream of bands that are given as grids, with their flags.
std::vector<std::uint8_t> encode_grids(const std::vector<BandGrids>& source, int height, int width);

}  // namespace candela
