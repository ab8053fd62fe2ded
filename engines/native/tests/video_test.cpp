// Video to R'G'B': anchors by hand, every thread count alike, nothing touched beyond the planes.
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "candela/video.hpp"
#include "check.hpp"

namespace {

using candela::Sample;
using candela::VideoModel;
using candela::VideoPlane;

void black_and_white_of_ten_bits() {
    const std::uint16_t luma[2] = {64, 940}, middle[1] = {512};
    const VideoPlane planes[3] = {{luma, 4, 2}, {middle, 2, 2}, {middle, 2, 2}};
    const VideoModel model{true, 64, 876, 512, {0, 1.5f, -0.2f, -0.5f, 1.8f, 0}, 2, 1};
    float rgb[6];
    candela::video_to_rgb(planes, Sample::u16, 2, 1, model, rgb, 1);
    for (int i = 0; i < 6; ++i) CHECK(rgb[i] == (i < 3 ? 0.0f : 1.0f));
}

void threads_change_nothing() {
    constexpr int width = 37, height = 131, wide = 19, high = 66;
    std::vector<std::uint8_t> luma(width * height), cb(wide * high), cr(wide * high);
    std::uint32_t state = 1;
    for (auto* plane : {&luma, &cb, &cr}) {
        for (auto& code : *plane) code = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    }
    const VideoPlane planes[3] = {{luma.data(), width, 1}, {cb.data(), wide, 1}, {cr.data(), wide, 1}};
    const VideoModel model{true, 16, 219, 128, {0, 0.007f, -0.001f, -0.002f, 0.008f, 0}, 2, 2, 0, 0.5f};
    std::vector<float> one(3 * width * height), many(one.size());
    candela::video_to_rgb(planes, Sample::u8, width, height, model, one.data(), 1);
    candela::video_to_rgb(planes, Sample::u8, width, height, model, many.data(), 5);
    CHECK(one == many);
}

void models_that_cannot_be_are_refused() {
    const std::uint8_t code = 0;
    const VideoPlane planes[3] = {{&code, 1, 1}, {&code, 1, 1}, {&code, 1, 1}};
    float rgb[3];
    for (const VideoModel& model : {VideoModel{true, 0, 255, 128, {}, 3, 1}, VideoModel{true, 0, 255, 128, {}, 1, 1, 0.3f, 0}}) {
        bool thrown = false;
        try {
            candela::video_to_rgb(planes, Sample::u8, 1, 1, model, rgb, 1);
        } catch (const std::invalid_argument&) {
            thrown = true;
        }
        CHECK(thrown);
    }
}

}  // namespace

int main() {
    black_and_white_of_ten_bits();
    threads_change_nothing();
    models_that_cannot_be_are_refused();
}
