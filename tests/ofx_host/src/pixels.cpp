#include "pixels.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

// There where AddressSanitizer is, whether or not this program was built with it.
extern "C" {
__attribute__((weak)) void __asan_poison_memory_region(void const volatile* address, std::size_t size);
__attribute__((weak)) void __asan_unpoison_memory_region(void const volatile* address, std::size_t size);
}

namespace host {
namespace {

constexpr std::size_t kGuard = 256;

void forbid(const unsigned char* at, std::size_t size) {
    if (__asan_poison_memory_region != nullptr) __asan_poison_memory_region(at, size);
}

void permit(const unsigned char* at, std::size_t size) {
    if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(at, size);
}

unsigned char guard_byte(std::size_t at) { return static_cast<unsigned char>(0xa5 ^ (at * 31)); }

// Poisoned as they are: several threads may have one image.
__attribute__((no_sanitize_address)) bool are_guards(const unsigned char* at, std::size_t count, std::size_t place) {
    for (std::size_t i = 0; i < count; ++i) {
        if (at[i] != guard_byte(place + i)) return false;
    }
    return true;
}

}  // namespace

Depth depth_of(const std::string& name) {
    if (name == "OfxBitDepthFloat") return Depth::real;
    if (name == "OfxBitDepthHalf") return Depth::half;
    if (name == "OfxBitDepthShort") return Depth::word;
    if (name == "OfxBitDepthByte") return Depth::byte;
    throw std::invalid_argument("no depth of pixels: " + name);
}

int components_of(const std::string& name) {
    if (name == "OfxImageComponentRGBA") return 4;
    if (name == "OfxImageComponentRGB") return 3;
    if (name == "OfxImageComponentAlpha") return 1;
    throw std::invalid_argument("no components of pixels: " + name);
}

int bytes_of(Depth depth) { return depth == Depth::real ? 4 : depth == Depth::byte ? 1 : 2; }

abi::RectI meet(const abi::RectI& a, const abi::RectI& b) {
    return {std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
}

Pixels::Pixels(const abi::RectI& bounds, const Layout& layout) : bounds_(bounds), layout_(layout) {
    if (empty(bounds)) throw std::invalid_argument("an image without pixels");
    before_ = layout.fence == Fence::before ? 0 : kGuard;
    after_ = layout.fence == Fence::after ? 0 : kGuard;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t size = (before_ + bytes() + after_ + page - 1) / page * page;
    mapped_size_ = size + 2 * page;
    void* mapped = mmap(nullptr, mapped_size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("no memory for an image");
    mapped_ = static_cast<unsigned char*>(mapped);
    if (mprotect(mapped_ + page, size, PROT_READ | PROT_WRITE) != 0) throw std::runtime_error("no memory for an image");
    rows_ = layout.fence == Fence::after ? mapped_ + page + size - bytes() : mapped_ + page + before_;
    around([](unsigned char* at, std::size_t count, std::size_t place) {
        for (std::size_t i = 0; i < count; ++i) at[i] = guard_byte(place + i);
    });
    poison(true);
}

Pixels::~Pixels() {
    permit(rows_ - before_, before_ + bytes() + after_);
    munmap(mapped_, mapped_size_);
}

std::size_t Pixels::stride() const {
    return static_cast<std::size_t>(width(bounds_)) * static_cast<std::size_t>(pixel_bytes()) +
           static_cast<std::size_t>(layout_.padding);
}

int Pixels::row_bytes() const { return layout_.downwards ? -static_cast<int>(stride()) : static_cast<int>(stride()); }

unsigned char* Pixels::at(int x, int y) {
    const int row = layout_.downwards ? bounds_.y2 - 1 - y : y - bounds_.y1;
    return rows_ + static_cast<std::size_t>(row) * stride() +
           static_cast<std::size_t>(x - bounds_.x1) * static_cast<std::size_t>(pixel_bytes());
}

void Pixels::read(const abi::RectI& window, const unsigned char* file) {
    const auto row = static_cast<std::size_t>(width(window) * pixel_bytes());
    for (int y = window.y2 - 1; y >= window.y1; --y, file += row) std::memcpy(at(window.x1, y), file, row);
}

void Pixels::write(const abi::RectI& window, std::vector<unsigned char>& file) const {
    const auto row = static_cast<std::size_t>(width(window) * pixel_bytes());
    for (int y = window.y2 - 1; y >= window.y1; --y) {
        const unsigned char* from = at(window.x1, y);
        file.insert(file.end(), from, from + row);
    }
}

// Of the sample-th component in memory order: what stands there while nothing is written.
std::uint64_t Pixels::marked(std::size_t sample) const {
    if (layout_.depth == Depth::real) return 0x7fc0dead;
    if (layout_.depth == Depth::half) return 0x7e5a;
    const std::uint64_t mixed = (sample + 1) * 0x9e3779b97f4a7c15u;
    return (mixed >> 40) & (layout_.depth == Depth::byte ? 0xff : 0xffff);
}

void Pixels::mark() {
    const auto bytes = static_cast<std::size_t>(bytes_of(layout_.depth));
    const auto row = static_cast<std::size_t>(width(bounds_) * layout_.components);
    for (int y = bounds_.y1; y < bounds_.y2; ++y) {
        unsigned char* to = at(bounds_.x1, y);
        const std::size_t first = static_cast<std::size_t>(y - bounds_.y1) * row;
        for (std::size_t i = 0; i < row; ++i, to += bytes) {
            const std::uint64_t value = marked(first + i);
            std::memcpy(to, &value, bytes);  // little-endian, as the machines are that this runs on
        }
    }
}

// A float that stays is a component that was not written; whole numbers may be right by chance, all of a pixel hardly.
bool Pixels::pixel_is_marked(int x, int y) const {
    const auto bytes = static_cast<std::size_t>(bytes_of(layout_.depth));
    const unsigned char* from = at(x, y);
    const std::size_t first =
        static_cast<std::size_t>(y - bounds_.y1) * static_cast<std::size_t>(width(bounds_) * layout_.components) +
        static_cast<std::size_t>((x - bounds_.x1) * layout_.components);
    int same = 0;
    for (int c = 0; c < layout_.components; ++c) {
        const std::uint64_t value = marked(first + static_cast<std::size_t>(c));
        same += std::memcmp(from + static_cast<std::size_t>(c) * bytes, &value, bytes) == 0 ? 1 : 0;
    }
    const bool real = layout_.depth == Depth::real || layout_.depth == Depth::half;
    return real ? same > 0 : same == layout_.components;
}

Pixels::Check Pixels::check(const abi::RectI& window) {
    Check result;
    Pixels clean(bounds_, {layout_.components, layout_.depth, 0, false, Fence::none});
    clean.mark();
    const auto pixel = static_cast<std::size_t>(pixel_bytes());
    for (int y = bounds_.y1; y < bounds_.y2; ++y) {
        for (int x = bounds_.x1; x < bounds_.x2; ++x) {
            const bool inside = x >= window.x1 && x < window.x2 && y >= window.y1 && y < window.y2;
            bool wrong = false;
            if (inside) {
                wrong = pixel_is_marked(x, y);
                result.unwritten += wrong ? 1 : 0;
            } else if (std::memcmp(at(x, y), clean.at(x, y), pixel) != 0) {
                wrong = true;
                result.outside += static_cast<long>(pixel);
            }
            if (wrong && result.first.empty()) result.first = "(" + std::to_string(x) + ", " + std::to_string(y) + ")";
        }
    }
    result.guards = guards_intact();
    return result;
}

template <class Do>
void Pixels::around(Do&& act) const {
    const auto padding = static_cast<std::size_t>(layout_.padding);
    act(rows_ - before_, before_, 0);
    for (int y = 0; padding > 0 && y < height(bounds_); ++y) {
        const std::size_t end = static_cast<std::size_t>(y + 1) * stride();
        act(rows_ + end - padding, padding, before_ + end - padding);
    }
    act(rows_ + bytes(), after_, before_ + bytes());
}

bool Pixels::guards_intact() {
    bool intact = true;
    around([&intact](const unsigned char* at, std::size_t count, std::size_t place) {
        intact = intact && are_guards(at, count, place);
    });
    return intact;
}

void Pixels::poison(bool on) {
    around([on](unsigned char* at, std::size_t count, std::size_t) {
        if (on) forbid(at, count);
        else permit(at, count);
    });
}

void Pixels::open() {
    const std::size_t pixels = stride() - static_cast<std::size_t>(layout_.padding);
    for (int y = 0; y < height(bounds_); ++y) {
        permit(rows_ + static_cast<std::size_t>(y) * stride(), pixels);
    }
    if (last_closed_) forbid(at(bounds_.x2 - 1, bounds_.y2 - 1), static_cast<std::size_t>(pixel_bytes()));
}

void Pixels::close() { forbid(rows_, bytes()); }

}  // namespace host
