// What a host says of an image, checked before a pixel of it is touched.
#include "image.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace candela::plugin {
namespace {

Sample sample_of(const std::string& depth) {
    if (depth == ofx::value::floats) return Sample::f32;
    if (depth == ofx::value::halves) return Sample::f16;
    if (depth == ofx::value::shorts) return Sample::u16;
    if (depth == ofx::value::bytes) return Sample::u8;
    throw std::runtime_error("the host gives images of the depth \"" + depth + "\", which are none");
}

}  // namespace

Clip::Clip(ofx::Effect effect, const char* name) {
    if (suites().effect->clip_get_handle(effect, name, &clip_, &set_) != ofx::ok) {
        clip_ = nullptr;
        set_ = nullptr;
        return;
    }
    if (clip_ && !set_ && suites().effect->clip_get_property_set(clip_, &set_) != ofx::ok) set_ = nullptr;
}

std::optional<ofx::RectD> Clip::region_of_definition(ofx::Time time) const {
    ofx::RectD out{};
    if (!clip_ || suites().effect->clip_get_region_of_definition(clip_, time, &out) != ofx::ok) return {};
    if (!(out.x2 > out.x1 && out.y2 > out.y1)) return {};
    return out;
}

std::optional<Image> Image::of(const Clip& clip, ofx::Time time) {
    ofx::PropertySet set = nullptr;
    if (!clip.there() || suites().effect->clip_get_image(clip.handle(), time, nullptr, &set) != ofx::ok || !set) return {};
    Image image(set);
    const Properties of(set);
    image.data = of.pointer(ofx::prop::data);
    if (!image.data) return {};
    const auto bounds = of.rectangle(ofx::prop::bounds);
    const auto row = of.integer(ofx::prop::row_bytes);
    if (!bounds || !row) throw std::runtime_error("the host gives an image without bounds or row bytes");
    image.bounds = *bounds;
    image.row_bytes = *row;
    image.region_of_definition = of.rectangle(ofx::prop::image_rod);
    image.name = of.text(ofx::prop::unique_name).value_or("");
    image.pixel_aspect = of.real(ofx::prop::pixel_aspect).value_or(1);
    if (!(image.pixel_aspect > 0)) image.pixel_aspect = 1;
    image.sample = sample_of(of.text(ofx::prop::pixel_depth).value_or(ofx::value::floats));
    const std::string components = of.text(ofx::prop::image_components).value_or(ofx::value::rgba);
    if (components == ofx::value::rgb) image.channels = 3;
    else if (components != ofx::value::rgba) {
        throw std::runtime_error("the host gives images of \"" + components + "\", and colours are needed");
    }
    image.premultiplied = of.text(ofx::prop::premultiplication) == ofx::value::premultiplied;
    const std::ptrdiff_t width = static_cast<std::ptrdiff_t>(bounds->x2) - bounds->x1;
    if (bounds->x2 < bounds->x1 || bounds->y2 < bounds->y1 ||
        (bounds->y2 - bounds->y1 > 1 && std::abs(image.row_bytes) < width * image.pixel_bytes())) {
        throw std::runtime_error("the host gives an image whose rows overlap");
    }
    return image;
}

Image::Image(Image&& other) noexcept
    : bounds(other.bounds),
      region_of_definition(other.region_of_definition),
      pixel_aspect(other.pixel_aspect),
      sample(other.sample),
      channels(other.channels),
      premultiplied(other.premultiplied),
      name(std::move(other.name)),
      row_bytes(other.row_bytes),
      data(other.data),
      set_(std::exchange(other.set_, nullptr)) {}

Image Image::elsewhere(const ofx::RectI& part, void* memory, std::ptrdiff_t row) const {
    Image out;
    out.region_of_definition = region_of_definition;
    out.pixel_aspect = pixel_aspect;
    out.sample = sample;
    out.channels = channels;
    out.premultiplied = premultiplied;
    out.name = name;
    out.bounds = part;
    out.row_bytes = row;
    out.data = memory;
    return out;
}

Image::~Image() {
    if (set_) suites().effect->clip_release_image(set_);
}

PixelMemory::PixelMemory(ofx::Effect effect, std::size_t bytes) {
    const auto* suite = suites().effect;
    if (suite->image_memory_alloc && suite->image_memory_lock && suite->image_memory_unlock && suite->image_memory_free &&
        suite->image_memory_alloc(effect, bytes, &handle_) == ofx::ok && handle_) {
        if (suite->image_memory_lock(handle_, &data_) == ofx::ok && data_) return;
        suite->image_memory_free(handle_);
    }
    handle_ = nullptr;
    data_ = std::malloc(bytes ? bytes : 1);
    if (!data_) throw std::bad_alloc();
}

PixelMemory::~PixelMemory() {
    if (!handle_) {
        std::free(data_);
        return;
    }
    suites().effect->image_memory_unlock(handle_);
    suites().effect->image_memory_free(handle_);
}

}  // namespace candela::plugin
