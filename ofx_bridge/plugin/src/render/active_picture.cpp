// Lines of a frame are shared out in parts: every thread that asks takes parts until none is left.
#include "active_picture.hpp"

#include <algorithm>
#include <atomic>

#include "colour/rows.hpp"
#include "host/work.hpp"

namespace candela::plugin {
namespace {

constexpr float picture_from = 0.2f;  // nits
constexpr int share_of_line = 200, samples_of_line = 480, lines_of_part = 16;
constexpr std::size_t most_searches = 16;

// The first and last of lines that hold picture.
std::optional<std::pair<int, int>> span_of(const std::vector<int>& counts, int samples) {
    const auto holds = [&](int count) { return count * share_of_line > samples; };
    const auto first = std::find_if(counts.begin(), counts.end(), holds);
    if (first == counts.end()) return {};
    const auto last = std::find_if(counts.rbegin(), counts.rend(), holds);
    return std::pair(static_cast<int>(first - counts.begin()), static_cast<int>(counts.rend() - last));
}

// FNV-1a of 64 by 36 pixels, spread evenly with the last row and column among them.
std::uint64_t samples_of(const Image& image) {
    constexpr int across = 64, down = 36;
    const std::int64_t width = image.bounds.x2 - image.bounds.x1, height = image.bounds.y2 - image.bounds.y1;
    std::uint64_t out = 14695981039346656037u;
    if (width < 1 || height < 1) return out;
    for (int j = 0; j < down; ++j) {
        const int y = image.bounds.y1 + static_cast<int>((height - 1) * j / (down - 1));
        for (int i = 0; i < across; ++i) {
            const int x = image.bounds.x1 + static_cast<int>((width - 1) * i / (across - 1));
            const std::byte* pixel = image.at(x, y);
            for (std::ptrdiff_t b = 0; b < image.pixel_bytes(); ++b) {
                out = (out ^ std::to_integer<std::uint64_t>(pixel[b])) * 1099511628211u;
            }
        }
    }
    return out;
}

}  // namespace

FramePlace place_of(ofx::Effect effect, ofx::Time time, const RenderScale& scale, const Image& image, const FrameRect& frame,
                    Encoding encoding, double unit) {
    const ofx::RectI& b = image.bounds;
    return {.effect = effect,
            .time = time,
            .scale = {scale.x, scale.y},
            .frame = {frame.left, frame.bottom, frame.width, frame.height},
            .bounds = {b.x1, b.y1, b.x2, b.y2},
            .sample = image.sample,
            .channels = image.channels,
            .encoding = encoding,
            .unit = unit,
            .name = image.name,
            .samples = samples_of(image)};
}

class ActivePictures::Search {
public:
    Search(const Image& image, const FrameRect& frame)
        : frame_(frame),
          there_(frame.region(image.bounds)),
          width_(there_.right - there_.left),
          height_(there_.bottom - there_.top) {
        if (width_ < 16 || height_ < 16) return;
        across_ = std::max(1, width_ / samples_of_line);
        down_ = std::max(1, height_ / samples_of_line);
        rows_.resize(static_cast<std::size_t>(height_));
        columns_.resize(static_cast<std::size_t>(width_));
        parts_ = (rows_.size() + lines_of_part - 1) / lines_of_part;
    }

    bool has_work() const { return next_ < parts_; }

    // Takes parts until none is left. A part that was taken is done, whatever becomes of the render that took it.
    void help(const Image& image, const EncodingConverter& encoding) {
        std::vector<float> room(3 * columns_.size());
        std::vector<int> seen(columns_.size());
        for (std::size_t part; (part = next_.fetch_add(1)) < parts_;) {
            std::fill(seen.begin(), seen.end(), 0);
            const int first = static_cast<int>(part) * lines_of_part;
            for (int y = first; y < std::min(first + lines_of_part, height_); ++y) look_at(y, image, encoding, room.data(), seen);
            const std::lock_guard lock(mutex_);
            for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i] += seen[i];
            if (++done_ == parts_) found_.notify_all();
        }
    }

    // Waits for parts that other threads are at, and for nothing else.
    std::optional<Region> result() {
        std::unique_lock lock(mutex_);
        found_.wait(lock, [&] { return done_ == parts_; });
        if (!parts_) return {};
        const auto y = span_of(rows_, (width_ + across_ - 1) / across_), x = span_of(columns_, (height_ + down_ - 1) / down_);
        if (!x || !y) return {};
        const Region out{there_.left + x->first, there_.top + y->first, there_.left + x->second, there_.top + y->second};
        const auto area = [](int w, int h) { return static_cast<std::int64_t>(w) * h; };
        const auto found = area(out.right - out.left, out.bottom - out.top), all = area(frame_.width, frame_.height);
        if (found * 4 < all || found == all) return {};
        return out;
    }

private:
    // Of a line that counts for no column, only the samples of its own are brought to light.
    void look_at(int y, const Image& image, const EncodingConverter& encoding, float* room, std::vector<int>& seen) {
        const auto width = static_cast<std::size_t>(width_), step = static_cast<std::size_t>(across_);
        const bool whole = y % down_ == 0;
        Rows line{room, room + width, room + 2 * width, width};
        const std::byte* from = image.at(frame_.left + there_.left, frame_.host_row(there_.top + y));
        row_kernels().load(from, image.sample, image.channels, line.r, line.g, line.b, width);
        if (!whole) {
            line.count = 0;
            for (std::size_t x = 0; x < width; x += step, ++line.count) {
                for (float* channel : {line.r, line.g, line.b}) channel[line.count] = channel[x];
            }
        }
        encoding.to_nits(line);
        int lit = 0;
        for (std::size_t i = 0; i < line.count; ++i) {
            const bool here = std::max({line.r[i], line.g[i], line.b[i]}) > picture_from;
            if (!whole || i % step == 0) lit += here;
            if (whole) seen[i] += here;
        }
        rows_[static_cast<std::size_t>(y)] = lit;
    }

    FrameRect frame_;
    Region there_;
    int width_, height_, across_ = 1, down_ = 1;
    std::size_t parts_ = 0;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;  // of what follows; of rows, each part has its own
    std::condition_variable found_;
    std::size_t done_ = 0;
    std::vector<int> rows_, columns_;
};

std::optional<Region> ActivePictures::of(const FramePlace& place, const Image& image, const FrameRect& frame,
                                         const EncodingConverter& encoding) {
    const auto search = search_of(place, image, frame);
    if (search->has_work()) share_work(place.effect, thread_count(), [&](std::size_t) { search->help(image, encoding); });
    return search->result();
}

std::shared_ptr<ActivePictures::Search> ActivePictures::search_of(const FramePlace& place, const Image& image,
                                                                  const FrameRect& frame) {
    const std::lock_guard lock(mutex_);
    const auto at = std::find_if(searches_.begin(), searches_.end(), [&](const auto& one) { return one.first == place; });
    if (at != searches_.end()) {
        searches_.splice(searches_.begin(), searches_, at);
        return at->second;
    }
    searches_.emplace_front(place, std::make_shared<Search>(image, frame));
    ++begun_;
    // Who still works with one that is dropped here keeps it alive.
    if (searches_.size() > most_searches) searches_.pop_back();
    return searches_.front().second;
}

void ActivePictures::forget(ofx::Effect effect) {
    const std::lock_guard lock(mutex_);
    searches_.remove_if([&](const auto& one) { return one.first.effect == effect; });
}

void ActivePictures::forget_all() {
    const std::lock_guard lock(mutex_);
    searches_.clear();
}

std::size_t ActivePictures::searches() const {
    const std::lock_guard lock(mutex_);
    return begun_;
}

ActivePictures& active_pictures() {
    static ActivePictures it;
    return it;
}

}  // namespace candela::plugin
