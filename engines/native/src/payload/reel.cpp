// The reel: payloads of all shots of a clip, in the one form that is written.
#include <algorithm>
#include <string>

#include "candela/payload.hpp"
#include "crc.hpp"

namespace candela {
namespace {

constexpr std::uint64_t most_shots = 20'000;
enum Kind { natural = 0, bytes = 2, list = 4, map = 5 };

[[noreturn]] void refuse(const std::string& what) { throw Trouble(Trouble::Kind::payload, what); }

// Reads heads in their shortest form (RFC 8949 4.2.1): there is one reel for some payloads, and no other.
class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> data) : data_(data) {}

    std::size_t left() const { return data_.size() - at_; }

    std::uint64_t head(Kind kind) {
        const auto fail = [this] { refuse("the reel is not well-formed at byte " + std::to_string(at_)); };
        if (!left()) fail();
        const int first = data_[at_], small = first & 31;
        const std::size_t width = small < 24 ? 0 : small > 27 ? 99 : std::size_t{1} << (small - 24);
        if (first >> 5 != kind || width > 8 || left() < 1 + width) fail();
        std::uint64_t value = width ? 0 : static_cast<std::uint64_t>(small);
        for (std::size_t i = 1; i <= width; ++i) value = value << 8 | data_[at_ + i];
        if (width && value < (width == 1 ? 24 : std::uint64_t{1} << 4 * width)) fail();
        at_ += 1 + width;
        return value;
    }

    std::span<const std::uint8_t> take(std::uint64_t size) {
        const auto out = data_.subspan(at_, static_cast<std::size_t>(size));
        at_ += out.size();
        return out;
    }

private:
    std::span<const std::uint8_t> data_;
    std::size_t at_ = 4;
};

Payload shot_of(std::size_t number, std::span<const std::uint8_t> data) {
    const std::string name = "shot " + std::to_string(number) + " of the reel";
    try {
        Payload out = decode_payload(data);
        if (!out.frames) refuse(name + " does not say of which frames it is");
        if (out.place) refuse(name + " is a copy for frame " + std::to_string(*out.place) + " alone, out of that frame's file");
        return out;
    } catch (const Trouble& error) {
        throw Trouble(error.kind(), name + ": " + error.what());
    }
}

// A shot and the one before it, and the first of all.
void check(std::size_t number, const Payload& shot, const Payload& before, const Payload& first) {
    const std::string name = "shot " + std::to_string(number) + " of the reel ";
    if (shot.frames->first <= before.frames->second) {
        refuse(name + "begins at frame " + std::to_string(shot.frames->first) + ", the shot before it ends at " +
               std::to_string(before.frames->second) + ": shots go forward and do not overlap");
    }
    const bool alike = shot.width == first.width && shot.height == first.height && shot.bits == first.bits;
    if (!alike || !(shot.reading == first.reading)) {
        refuse(name + "has another picture size, bit depth or reading than the first one: all shots of a clip have the same");
    }
}

}  // namespace

bool is_reel(std::span<const std::uint8_t> data) {
    constexpr std::uint8_t magic[] = {'C', 'N', 'D', 'R'};
    return data.size() >= 4 && std::ranges::equal(data.first(4), magic);
}

std::vector<Payload> decode_reel(std::span<const std::uint8_t> data) {
    if (data.size() > most_reel) refuse("a reel of " + std::to_string(data.size()) + " bytes is above the limit of 67108864");
    if (data.size() < 8 || !is_reel(data)) refuse("these bytes are no Candela reel: they do not begin with CNDR");
    const auto sealed = data.first(data.size() - 4);
    if (crc32(sealed) != big_endian(data.last(4))) {
        refuse("the reel's CRC does not match: it was damaged or cut after it was written");
    }
    Reader reader(sealed);
    const auto entries = reader.head(map), first_key = reader.head(natural), version = reader.head(natural);
    if (first_key == 0 && version > 1) {
        refuse("reel version " + std::to_string(version) + " is newer than 1; update Candela to read it");
    }
    if (entries != 2 || first_key != 0 || version != 1 || reader.head(natural) != 1) {
        refuse("the reel is not a map of version 1 and shots");
    }
    const auto count = reader.head(list);
    if (count < 1 || count > most_shots) refuse("a reel has 1 to 20000 shots; this one claims " + std::to_string(count));
    std::vector<Payload> shots;
    for (std::size_t number = 0; number < count; ++number) {
        const auto size = reader.head(bytes);
        if (size > most_payload || size > reader.left()) {
            refuse("shot " + std::to_string(number) + " of the reel claims " + std::to_string(size) + " bytes");
        }
        shots.push_back(shot_of(number, reader.take(size)));
        if (number) check(number, shots[number], shots[number - 1], shots[0]);
    }
    if (reader.left()) refuse("the reel has " + std::to_string(reader.left()) + " bytes behind its last shot");
    return shots;
}

}  // namespace candela
