// One search for a frame, whoever asks; another one where the frame is another.
#include "render/active_picture.hpp"

#include <algorithm>
#include <thread>

#include "../../../engines/native/tests/check.hpp"

namespace {

using namespace candela::plugin;

constexpr int width = 320, height = 200, bar = 20;

// A letterbox: black but for what lies between two bars.
std::vector<float> letterbox(float code) {
    std::vector<float> out(static_cast<std::size_t>(4 * width) * height);
    for (int y = bar; y < height - bar; ++y) {
        for (int x = 0; x < 4 * width; ++x) out[static_cast<std::size_t>(y) * 4 * width + x] = code;
    }
    return out;
}

Image image_of(std::vector<float>& pixels) {
    Image out;
    out.bounds = {0, 0, width, height};
    out.row_bytes = 16 * width;
    out.data = pixels.data();
    return out;
}

}  // namespace

int main() {
    auto pixels = letterbox(0.5f);
    const Image image = image_of(pixels);
    const FrameRect frame{0, 0, width, height};
    const EncodingConverter pq(Encoding::pq, 100);
    ActivePictures pictures;
    const auto at = [&](double time) { return place_of(nullptr, time, {}, image, frame, Encoding::pq, 100); };
    const auto asked = [&](double time) {
        const auto found = pictures.of(at(time), image, frame, pq);
        CHECK(found && found->left == 0 && found->right == width && found->top == bar && found->bottom == height - bar);
    };

    for (int round = 0; round < 20; ++round) {
        std::vector<std::thread> tiles;
        for (int i = 0; i < 8; ++i) tiles.emplace_back([&] { asked(round); });
        for (auto& one : tiles) one.join();
        CHECK(pictures.searches() == static_cast<std::size_t>(round + 1));
    }
    asked(19);
    CHECK(pictures.searches() == 20);
    asked(0);  // long dropped
    CHECK(pictures.searches() == 21);

    // Of another picture nothing is taken over, also where the host says neither that it changed nor what it is.
    pictures.forget(nullptr);
    asked(0);
    CHECK(pictures.searches() == 22);
    const auto before = at(0);
    std::ranges::copy(letterbox(0.6f), pixels.begin());  // in place: the image stays where it is
    CHECK(!(at(0) == before));
    std::ranges::fill(pixels, 0.0f);
    const Image black = image_of(pixels);
    CHECK(!pictures.of(place_of(nullptr, 0, {}, black, frame, Encoding::pq, 100), black, frame, pq));
    CHECK(pictures.searches() == 23);

    // While threads ask, others forget.
    std::ranges::copy(letterbox(0.5f), pixels.begin());
    std::vector<std::thread> tiles;
    for (int i = 0; i < 6; ++i) {
        tiles.emplace_back([&, i] {
            for (int round = 0; round < 20; ++round) {
                if (i == 5) pictures.forget_all();
                else asked(round % 3);
            }
        });
    }
    for (auto& one : tiles) one.join();
}
