// Images in memory as hosts lay them out: any bounds, rows apart by more than their pixels, either row first; with
// guard bytes around and between rows, and outputs that show which of their pixels were written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi.hpp"

namespace host {

enum class Depth { byte, word, half, real };

Depth depth_of(const std::string& name);     // `OfxBitDepthFloat`, …; throws std::invalid_argument
int components_of(const std::string& name);  // `OfxImageComponentRGBA`, …; throws std::invalid_argument
int bytes_of(Depth depth);

// Where memory ends right beside the pixels, so that a step beyond ends the program whoever takes it; elsewhere guard
// bytes show afterwards what was written.
enum class Fence { none, before, after };

struct Layout {
    int components = 4;
    Depth depth = Depth::real;
    int padding = 0;         // bytes after the pixels of each row
    bool downwards = false;  // rows are stored from the top: negative row bytes
    Fence fence = Fence::none;
};

inline int width(const abi::RectI& r) { return r.x2 - r.x1; }
inline int height(const abi::RectI& r) { return r.y2 - r.y1; }
inline bool empty(const abi::RectI& r) { return r.x2 <= r.x1 || r.y2 <= r.y1; }
abi::RectI meet(const abi::RectI& a, const abi::RectI& b);

class Pixels {
public:
    Pixels(const abi::RectI& bounds, const Layout& layout);
    ~Pixels();
    Pixels(const Pixels&) = delete;
    Pixels& operator=(const Pixels&) = delete;

    const abi::RectI& bounds() const { return bounds_; }
    const Layout& layout() const { return layout_; }
    // The first pixel of the lowest row, as hosts hand it out, and the way from a row to the next higher one.
    unsigned char* data() { return at(bounds_.x1, bounds_.y1); }
    int row_bytes() const;
    unsigned char* at(int x, int y);
    const unsigned char* at(int x, int y) const { return const_cast<Pixels*>(this)->at(x, y); }
    int pixel_bytes() const { return layout_.components * bytes_of(layout_.depth); }

    // Rows of `window`, highest first, without gaps: how files hold pictures.
    void read(const abi::RectI& window, const unsigned char* file);
    void write(const abi::RectI& window, std::vector<unsigned char>& file) const;

    // Marks every pixel as not written: a NaN that no computation gives, or for whole numbers a hash of the place.
    void mark();
    struct Check {
        long unwritten = 0;  // pixels of the window
        long outside = 0;    // bytes changed outside it
        bool guards = true;  // the bytes around and between rows are as they were
        std::string first;   // the first pixel that is wrong
    };
    Check check(const abi::RectI& window);
    bool guards_intact();

    // Whether the plugin may touch the pixels now; where a sanitizer can tell, it says so.
    void open();
    void close();
    // From now on the last pixel stays closed: to see whether a sanitizer is at work.
    void keep_last_closed() { last_closed_ = true; }

private:
    std::size_t stride() const;
    std::uint64_t marked(std::size_t sample) const;
    bool pixel_is_marked(int x, int y) const;
    void poison(bool on);
    // Each run of bytes that are not pixels.
    template <class Do>
    void around(Do&& act) const;
    std::size_t bytes() const { return static_cast<std::size_t>(height(bounds_)) * stride(); }

    abi::RectI bounds_;
    Layout layout_;
    bool last_closed_ = false;
    unsigned char* mapped_ = nullptr;
    std::size_t mapped_size_ = 0, before_ = 0, after_ = 0;  // guard bytes
    unsigned char* rows_ = nullptr;
};

}  // namespace host
