// Pictures in somebody else's memory: what the samples are, and where.
#pragma once

#include <cstddef>

namespace candela {

enum class Sample { u8, u16, f16, f32 };

// Bytes of one sample.
std::size_t size_of(Sample sample);

// Where the R, G and B of pixel (x, y) lie: data + y * row + x * pixel + channel * c, all in bytes. Any stride may be
// negative; memory is only touched for 0 <= x < width and 0 <= y < height.
struct Layout {
    std::ptrdiff_t row = 0, pixel = 0, channel = 0;

    // R, G and B side by side, rows without gaps.
    static Layout packed(int width, Sample sample);
};

// An SDR picture to be read: integers of `bits` bits (8 for u8; up to 16 for u16), or floats over full scale.
struct Source {
    const void* data = nullptr;
    Sample sample = Sample::u8;
    int bits = 8;
    int width = 0, height = 0;
    Layout layout;
};

// Where a result goes; u16 takes full-range codes of `bits` bits.
struct Target {
    void* data = nullptr;
    Sample sample = Sample::f32;
    int bits = 16;
    Layout layout;
};

// Pixels left <= x < right, top <= y < bottom.
struct Region {
    int left = 0, top = 0, right = 0, bottom = 0;
};

// IEEE 754 half precision, to nearest even; what is too large becomes infinite.
float half_to_float(unsigned short half);
unsigned short half_of_float(float value);

}  // namespace candela
