// Which part of a frame is picture: searched once for a frame, however many of its tiles are rendered and by whom.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "colour/encodings.hpp"
#include "render/frame_rect.hpp"

namespace candela::plugin {

// What a search is good for. Hosts render tiles of one frame with a fetched image each: that it is the same one follows from
// the host's name of it, from its time and place, and from samples of its bytes all over it.
struct FramePlace {
    ofx::Effect effect;
    ofx::Time time;
    std::array<double, 2> scale;
    std::array<int, 4> frame, bounds;
    Sample sample;
    int channels;
    Encoding encoding;
    double unit;
    std::string name;
    std::uint64_t samples;

    bool operator==(const FramePlace&) const = default;
};

FramePlace place_of(ofx::Effect effect, ofx::Time time, const RenderScale& scale, const Image& image, const FrameRect& frame,
                    Encoding encoding, double unit);

class ActivePictures {
public:
    // In the picture's pixels: rows and columns of which more than one sample in two hundred is above 0.2 nit. None where
    // that is all of the frame, or less than a quarter of it, as in scenes that are nearly black. Threads that ask for one
    // frame at once share the search, and none waits for a thread that is still to be had. Throws Aborted.
    std::optional<Region> of(const FramePlace& place, const Image& image, const FrameRect& frame,
                             const EncodingConverter& encoding);

    void forget(ofx::Effect effect);
    void forget_all();
    // How often frames have been searched, for tests.
    std::size_t searches() const;

private:
    class Search;
    std::shared_ptr<Search> search_of(const FramePlace& place, const Image& image, const FrameRect& frame);

    mutable std::mutex mutex_;  // of what follows
    std::list<std::pair<FramePlace, std::shared_ptr<Search>>> searches_;  // the last used first
    std::size_t begun_ = 0;
};

// Of all instances.
ActivePictures& active_pictures();

}  // namespace candela::plugin
