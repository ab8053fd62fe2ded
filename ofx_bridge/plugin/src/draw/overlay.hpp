// Boxes and text over a picture, in the values of its encoding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "colour/encodings.hpp"

namespace candela::plugin {

struct Colour {  // sRGB, white being 203 nit
    unsigned char r, g, b;
};

// A part of a picture as rows of floats, from pixel (left, top) on; y counts down.
struct Planes {
    int left, top, width, height;
    float* channel[3];

    std::size_t at(int x, int y) const { return static_cast<std::size_t>(y - top) * width + (x - left); }
    Rows rows() const { return {channel[0], channel[1], channel[2], static_cast<std::size_t>(width) * height}; }
};

class Overlay {
public:
    explicit Overlay(const EncodingConverter& encoding) : encoding_(encoding) {}

    void box(int left, int top, int right, int bottom, Colour colour);
    // Four lines of a thickness, inside the rectangle.
    void outline(int left, int top, int right, int bottom, int thick, Colour colour);
    // UTF-8; what the font has not becomes a box. Letters are 5x7 dots of `dot` pixels, 6 dots from one to the next.
    void text(int left, int top, int dot, std::string_view text, Colour colour);
    // A line of text on a ground, and lines wrapped to so many letters; the row below them is given back.
    int note(int left, int top, int dot, std::string_view text, Colour colour, Colour ground, int letters);

    bool empty() const { return boxes_.empty(); }
    void draw(const Planes& planes) const;

    static int width_of(std::string_view text, int dot);
    static constexpr int line_dots = 10;

private:
    struct Box {
        int left, top, right, bottom;
        float value[3];
    };
    EncodingConverter encoding_;
    std::vector<Box> boxes_;
};

// sRGB codes 0..1 with white at 203 nit to nits of BT.2020.
void srgb_to_nits(const Rows& rows);

// Lines of no more than `letters` letters, broken at spaces where that can be.
std::vector<std::string> wrapped(std::string_view text, int letters);

}  // namespace candela::plugin
