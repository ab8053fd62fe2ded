// Clips, their images, and memory of the host, given back when they go out of scope.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "candela/picture.hpp"
#include "properties.hpp"

namespace candela::plugin {

// A clip of an effect; `set` is null where it has none of that name.
class Clip {
public:
    Clip(ofx::Effect effect, const char* name);

    bool there() const { return clip_ != nullptr; }
    Properties properties() const { return Properties(set_); }
    std::optional<ofx::RectD> region_of_definition(ofx::Time time) const;
    ofx::ClipHandle handle() const { return clip_; }

private:
    ofx::ClipHandle clip_ = nullptr;
    ofx::PropertySet set_ = nullptr;
};

// An image of a clip. Rows of hosts run from the bottom up; here y counts as the host counts it.
class Image {
public:
    // None where the clip has none: hosts that call every clip connected give nothing here.
    static std::optional<Image> of(const Clip& clip, ofx::Time time);
    // In memory of our own, to be described by its members.
    Image() : set_(nullptr) {}
    ~Image();
    Image(Image&& other) noexcept;
    Image& operator=(Image&&) = delete;

    ofx::RectI bounds{};
    std::optional<ofx::RectI> region_of_definition;  // in pixels of the image
    double pixel_aspect = 1;
    Sample sample = Sample::f32;
    int channels = 4;  // 4 with alpha, 3 without
    bool premultiplied = false;
    std::string name;  // what the host calls these pixels: another name where they change; empty where it has none
    std::ptrdiff_t row_bytes = 0;
    void* data = nullptr;  // of pixel (bounds.x1, bounds.y1)

    std::ptrdiff_t pixel_bytes() const { return channels * static_cast<std::ptrdiff_t>(size_of(sample)); }
    // A part of it in other memory, which stays its owner's. data: of the part's pixel (x1, y1).
    Image elsewhere(const ofx::RectI& part, void* data, std::ptrdiff_t row_bytes) const;
    std::byte* at(int x, int y) const {
        return static_cast<std::byte*>(data) + (y - bounds.y1) * row_bytes + (x - bounds.x1) * pixel_bytes();
    }

private:
    explicit Image(ofx::PropertySet set) : set_(set) {}
    ofx::PropertySet set_;
};

// Memory for pixels, from the host where it gives any: it knows how much there is.
class PixelMemory {
public:
    PixelMemory(ofx::Effect effect, std::size_t bytes);  // std::bad_alloc
    ~PixelMemory();
    PixelMemory(const PixelMemory&) = delete;
    PixelMemory& operator=(const PixelMemory&) = delete;

    void* data() const { return data_; }

private:
    ofx::ImageMemoryHandle handle_ = nullptr;
    void* data_ = nullptr;
};

}  // namespace candela::plugin
