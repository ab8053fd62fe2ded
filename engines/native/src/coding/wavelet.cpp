#include "wavelet.hpp"

#include <algorithm>

namespace candela {
namespace {

// alpha, beta, gamma, delta of the 9/7 lifting, over 65536 (Daubechies and Sweldens 1998).
constexpr std::array<std::int64_t, 4> lift = {-103949, -3472, 57862, 29066};

// Length of the synthesis functions over 1024, by level from the finest: approximation, details, diagonal.
constexpr std::int64_t norms[6][3] = {{1330, 1036, 806},   {1843, 1351, 990},   {2487, 1871, 1407},
                                      {3307, 2522, 1923}, {4378, 3352, 2567}, {5788, 4437, 3401}};

// factor · (a + b), rounded, over 65536; unsigned arithmetic, since signed overflow has no meaning in C++.
std::int64_t share(std::int64_t factor, std::int64_t a, std::int64_t b) {
    const std::uint64_t sum = static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(factor) * sum + 32768u) >> 16;
}

std::int64_t minus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// One line of n interleaved samples becomes the signal; the edge is mirrored about the outermost sample.
void lift_line(std::int64_t* x, int n) {
    for (int k = 3; k >= 0; --k) {
        for (int i = k % 2 == 0; i < n; i += 2) {
            const int left = i ? i - 1 : 1, right = i + 1 < n ? i + 1 : i - 1;
            x[i] = minus(x[i], share(lift[k], x[left], x[right]));
        }
    }
}

// The same for all columns at once, row by row.
void lift_rows(std::int64_t* x, int height, int width) {
    const auto row = [&](int i) { return x + static_cast<std::size_t>(i) * width; };
    for (int k = 3; k >= 0; --k) {
        for (int i = k % 2 == 0; i < height; i += 2) {
            const std::int64_t *above = row(i ? i - 1 : 1), *below = row(i + 1 < height ? i + 1 : i - 1);
            std::int64_t* here = row(i);
            for (int j = 0; j < width; ++j) here[j] = minus(here[j], share(lift[k], above[j], below[j]));
        }
    }
}

// Puts a band's samples on every second row and column from (top, left).
void interleave(std::vector<std::int64_t>& out, int width, const std::vector<std::int64_t>& band, Shape shape, int top,
                int left) {
    for (int y = 0; y < shape.height; ++y) {
        const std::int64_t* from = band.data() + static_cast<std::size_t>(y) * shape.width;
        std::int64_t* to = out.data() + static_cast<std::size_t>(2 * y + top) * width + left;
        for (int x = 0; x < shape.width; ++x) to[2 * x] = from[x];
    }
}

}  // namespace

int levels_for(int height, int width) {
    int levels = 0;
    for (; std::min(height, width) >= 12 && levels < 6; ++levels) {
        height = (height + 1) / 2;
        width = (width + 1) / 2;
    }
    return levels;
}

std::vector<Shape> band_shapes(int height, int width) {
    const int levels = levels_for(height, width);
    std::vector<Shape> shapes(1 + 3 * levels);
    for (int i = levels - 1; i >= 0; --i) {  // from the finest, which comes last
        const int lh = (height + 1) / 2, lw = (width + 1) / 2, hh = height / 2, hw = width / 2;
        shapes[1 + 3 * i] = {hh, lw};
        shapes[2 + 3 * i] = {lh, hw};
        shapes[3 + 3 * i] = {hh, hw};
        height = lh;
        width = lw;
    }
    shapes[0] = {height, width};
    return shapes;
}

std::vector<std::int64_t> band_steps(std::int64_t step, int levels) {
    const auto over = [&](std::int64_t norm) { return std::max<std::int64_t>(1, (step * 1024 + norm / 2) / norm); };
    std::vector<std::int64_t> steps{levels ? over(norms[levels - 1][0]) : step};
    for (int i = levels - 1; i >= 0; --i) {
        steps.insert(steps.end(), {over(norms[i][1]), over(norms[i][1]), over(norms[i][2])});
    }
    return steps;
}

std::vector<std::int64_t> unsplit(std::vector<std::vector<std::int64_t>> bands, int height, int width) {
    const std::vector<Shape> shapes = band_shapes(height, width);
    std::vector<std::int64_t> plane = std::move(bands[0]);
    Shape at = shapes[0];
    for (std::size_t i = 1; i < shapes.size(); i += 3) {
        const Shape whole{at.height + shapes[i].height, at.width + shapes[i + 1].width};
        std::vector<std::int64_t> out(static_cast<std::size_t>(whole.height) * whole.width);
        interleave(out, whole.width, plane, at, 0, 0);
        interleave(out, whole.width, bands[i], shapes[i], 1, 0);
        interleave(out, whole.width, bands[i + 1], shapes[i + 1], 0, 1);
        interleave(out, whole.width, bands[i + 2], shapes[i + 2], 1, 1);
        for (int y = 0; y < whole.height; ++y) {
            lift_line(out.data() + static_cast<std::size_t>(y) * whole.width, whole.width);
        }
        lift_rows(out.data(), whole.height, whole.width);
        plane = std::move(out);
        at = whole;
    }
    return plane;
}

}  // namespace candela
