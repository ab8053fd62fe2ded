// Text as boxes: every run of dots in a row is one.
#include "overlay.hpp"

#include <algorithm>
#include <cmath>

#include "colour/curves.hpp"
#include "font.hpp"

namespace candela::plugin {
namespace {

// The next code point of UTF-8; what is none counts as one strange letter a byte.
unsigned int next_code(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned int first = byte(at++);
    if (first < 0x80) return first;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    unsigned int code = first & (0x3fu >> more);
    for (int i = 0; i < more && (byte(at) & 0xc0) == 0x80; ++i) code = code << 6 | (byte(at++) & 0x3f);
    // Signs that texts about pictures are full of.
    if (code == 0x2013 || code == 0x2014 || code == 0x2212) return '-';
    if (code == 0x2018 || code == 0x2019) return '\'';
    if (code == 0x201c || code == 0x201d) return '"';
    if (code == 0x00d7) return 'x';
    if (code == 0x00a0) return ' ';
    return code;
}

std::size_t letters_in(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) next_code(text, at);
    return count;
}

}  // namespace

void srgb_to_nits(const Rows& rows) {
    static const Matrix3 m = rgb_to_rgb(gamut_of(Primaries::bt709), gamut_of(Primaries::bt2020));
    float by[9];
    for (std::size_t i = 0; i < 9; ++i) by[i] = static_cast<float>(m[i] * reference_white);
    for (float* x : {rows.r, rows.g, rows.b}) {
        for (std::size_t i = 0; i < rows.count; ++i) x[i] = std::min(std::max(0.0f, x[i]), 1.0f);
        row_kernels().curve(curve_named(CurveName::srgb_light).rows, Below::zero, x, x, rows.count);
    }
    row_kernels().matrix(by, rows.r, rows.g, rows.b, rows.count);
}

void Overlay::box(int left, int top, int right, int bottom, Colour colour) {
    if (left >= right || top >= bottom) return;
    Box box{left, top, right, bottom, {colour.r / 255.0f, colour.g / 255.0f, colour.b / 255.0f}};
    const Rows one{box.value, box.value + 1, box.value + 2, 1};
    srgb_to_nits(one);
    encoding_.from_nits(one);
    boxes_.push_back(box);
}

void Overlay::outline(int left, int top, int right, int bottom, int thick, Colour colour) {
    box(left, top, right, top + thick, colour);
    box(left, bottom - thick, right, bottom, colour);
    box(left, top + thick, left + thick, bottom - thick, colour);
    box(right - thick, top + thick, right, bottom - thick, colour);
}

void Overlay::text(int left, int top, int dot, std::string_view text, Colour colour) {
    for (std::size_t at = 0; at < text.size(); left += 6 * dot) {
        const unsigned int code = next_code(text, at);
        const unsigned char* rows = glyph_of(code);
        const int first = top + drop_of(code) * dot;
        for (int y = 0; y < 7; ++y) {
            for (int x = 0; x < 5; ++x) {
                if (!(rows[y] >> (4 - x) & 1)) continue;
                int end = x + 1;
                while (end < 5 && rows[y] >> (4 - end) & 1) ++end;
                box(left + x * dot, first + y * dot, left + end * dot, first + (y + 1) * dot, colour);
                x = end;
            }
        }
    }
}

int Overlay::note(int left, int top, int dot, std::string_view text, Colour colour, Colour ground, int letters) {
    for (const std::string& line : wrapped(text, letters)) {
        box(left, top, left + width_of(line, dot) + 4 * dot, top + line_dots * dot, ground);
        this->text(left + 2 * dot, top + dot + dot / 2, dot, line, colour);
        top += line_dots * dot;
    }
    return top;
}

void Overlay::draw(const Planes& p) const {
    for (const Box& box : boxes_) {
        const int left = std::max(box.left, p.left), right = std::min(box.right, p.left + p.width);
        if (left >= right) continue;
        for (int y = std::max(box.top, p.top); y < std::min(box.bottom, p.top + p.height); ++y) {
            for (int c = 0; c < 3; ++c) std::fill_n(p.channel[c] + p.at(left, y), right - left, box.value[c]);
        }
    }
}

int Overlay::width_of(std::string_view text, int dot) { return static_cast<int>(letters_in(text)) * 6 * dot; }

std::vector<std::string> wrapped(std::string_view text, int letters) {
    std::vector<std::string> lines;
    const std::size_t most = static_cast<std::size_t>(std::max(letters, 1));
    std::string line;
    std::size_t in_line = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = text.find(' ', at);
        if (end == std::string_view::npos) end = text.size();
        std::string_view word = text.substr(at, end - at);
        at = end + 1;
        while (!word.empty()) {
            const std::size_t wide = letters_in(word);
            if (in_line && in_line + 1 + wide > most) {
                lines.push_back(std::move(line));
                line.clear();
                in_line = 0;
            }
            // A word longer than a line is cut.
            std::size_t taken = 0, count = 0;
            while (taken < word.size() && count < most) next_code(word, taken), ++count;
            if (in_line) line += ' ', ++in_line;
            line += word.substr(0, taken);
            in_line += count;
            word.remove_prefix(std::min(taken, word.size()));
        }
    }
    if (!line.empty()) lines.push_back(std::move(line));
    return lines;
}

}  // namespace candela::plugin
