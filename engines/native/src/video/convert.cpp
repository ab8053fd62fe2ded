// Strips of rows of video to interleaved R'G'B'.
#include <algorithm>
#include <cstddef>

#include "candela/threads.hpp"
#include "rows.hpp"

namespace candela {

void video_to_rgb(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                  float* rgb, int threads, std::string_view isa) {
    constexpr int strip_rows = 32;
    check_video(sample, width, height, model);
    const VideoLoops& loops = video_loops(isa);
    const std::size_t strips = (static_cast<std::size_t>(height) + strip_rows - 1) / strip_rows;
    share_out(strips, thread_count(threads), [&] {
        return [&, rows = VideoRows(planes, sample, width, height, model, loops)](std::size_t item) mutable {
            const int top = static_cast<int>(item) * strip_rows, bottom = std::min(top + strip_rows, height);
            for (int y = top; y < bottom; ++y) {
                const VideoLines line = rows.lines(y);
                float* to = rgb + static_cast<std::size_t>(y) * width * 3;
                (model.ycc ? loops.ycc : loops.rgb)(line.first, line.second, line.third, model, width, to);
            }
        };
    });
}

}  // namespace candela
