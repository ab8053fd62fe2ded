// Rows of video as lines of numbers: chroma is brought to the pixels down the columns first, then along the row.
#pragma once

#include <cstddef>
#include <vector>

#include "video.hpp"

namespace candela {

// Three lines of a row: Y' less its offset, Cb and Cr about 0; or R, G, B less theirs. Good until the next row.
struct VideoLines {
    const float *first, *second, *third;
};

// What a thread works with. Rows that follow one another share what was read of chroma.
class VideoRows {
public:
    VideoRows(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
              const VideoLoops& loops);

    VideoLines lines(int y);

    // A row of chroma about 0 as `lines` has it, but at its own samples, not brought to the pixels along the row; with
    // chroma_margin samples repeated at both ends. Good until the next row of the same plane.
    const float* chroma_samples(int plane, int y);

    // Taps along a row: of even pixels and of odd ones.
    const Taps& even() const { return even_; }
    const Taps& odd() const { return odd_; }

private:
    float* pixels(int plane) { return numbers_.data() + 10 * pitch_ + plane * static_cast<std::size_t>(width_); }
    float* spare(int plane) { return numbers_.data() + (7 + plane) * pitch_; }
    const float* widened(int plane, int y, float minus, int n, float* to);
    const float* chroma(int plane, int y);
    const float* chroma_of_row(int plane, int y);
    const float* brought_down(int plane, int y);

    const VideoPlane (&planes_)[3];
    Sample sample_;
    int width_, height_;
    const VideoModel& model_;
    const VideoLoops& loops_;
    int wide_, high_;
    std::size_t pitch_;
    std::vector<float> numbers_;
    Taps even_, odd_;
    int held_[2][4];
};

// std::invalid_argument for samples, factors, places of chroma and sizes that there are none of.
void check_video(Sample sample, int width, int height, const VideoModel& model);

}  // namespace candela
