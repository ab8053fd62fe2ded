// One pass over the codes of a frame that counts what quality control asks of it. Twin of
// candela_engines/qc/count_numpy.py, which says what is computed; both give the same numbers, for every instruction
// set and any number of threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "candela/picture.hpp"
#include "candela/video.hpp"

namespace candela {

inline constexpr int light_codes = 1 << 14;    // PQ of 14 bits, full range
inline constexpr int channel_codes = 1 << 12;  // of R, G and B one by one
inline constexpr int tiles_across = 16, tiles_down = 9;

// What the samples mean as light. Keys are the codes of integers, the bits of halves, signals in 52428ths of video, up to 1.25.
struct LightTables {
    bool pq = false;                        // video alone: a signal is PQ already, and no table is asked
    const std::uint16_t* codes = nullptr;   // of a key: PQ of 14 bits. Not asked where there is a scene
    const float* scene = nullptr;           // of a key: HLG's scene light; null for every other transfer
    const float* gain = nullptr;            // of the scene luminance's bits >> 12: nits for each unit of scene light
    const std::uint16_t* from_nits = nullptr;  // of the bits of nits >> 12: PQ of 14 bits
    const float* light = nullptr;           // of a PQ code: nits
    // Of R, of G and of B, one table after the other: of a pixel's largest code, the least that this component has in no colour
    // outside P3; null: not asked. Convex.
    const std::uint16_t* least = nullptr;
    float p3[9] = {};                       // linear BT.2020 to linear P3-D65, row by row
};

// Thresholds in the codes of the samples; low > high asks for none. below, above: signals of a video, samples of others.
struct LevelLimits {
    int low = 0, high = 65535;              // nominal range
    int least = 0, most = 65535;            // preferred range
    int reserved_low = -1, reserved_high = 65536;
    int chroma_low = 0, chroma_high = 65535;
    float below = -1e30f, above = 1e30f;    // of R', G', B'
};

struct FrameCounts {
    std::vector<std::uint32_t> top, channels;  // of max(R, G, B); of R, G, B one after the other, of every eighth row
    std::int64_t pixels = 0, outside = 0, rgb_off = 0, luma_low = 0, luma_high = 0, luma_off = 0, luma_reserved = 0,
                 chroma_off = 0, chroma_reserved = 0, nonfinite = 0, difference = 0, changed = 0;
    double most = 0;                           // signal of a video, sample of others, nits of HLG
    int most_x = -1, most_y = -1;
    float worst = 0;                           // least P3 component over the light of a pixel of 1 nit or more, below zero
    int worst_x = -1, worst_y = -1;
    std::vector<std::int32_t> outside_tiles, rgb_tiles;
};

// codes: (height, width) of max(R, G, B) as PQ of 14 bits, written inside `area`; before: those of the frame before,
// or null. Samples outside `area` are not counted, chroma's reserved and other codes aside, which are of all the planes.
FrameCounts count_video(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                        const LightTables& tables, const LevelLimits& limits, const Region& area, std::uint16_t* codes,
                        const std::uint16_t* before, int threads = 0, std::string_view isa = {});

// The same of interleaved R, G and B.
FrameCounts count_picture(const void* data, Sample sample, int width, int height, const Layout& layout,
                          const LightTables& tables, const LevelLimits& limits, const Region& area, std::uint16_t* codes,
                          const std::uint16_t* before, int threads = 0, std::string_view isa = {});

// Means of R', G' and B', held within -0.5..1.5, of single pixels: of cells of down x across of the given rows and columns.
// out: (rows / down, columns / across, 3). Chroma is that of the sample whose pixels they are among.
void video_proxy(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                 const std::vector<std::int32_t>& rows, const std::vector<std::int32_t>& columns, int down, int across, float* out);

// x, y and difference of every pixel that is at least `least` above the largest of its eight neighbours, or below the
// smallest (negative); row by row. codes: (height, width); pixels at the border of the area are left out.
std::vector<std::int32_t> isolated_pixels(const std::uint16_t* codes, int width, int height, const Region& area, int least,
                                          std::string_view isa = {});

}  // namespace candela
