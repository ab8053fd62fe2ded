// The payload's envelope and fields, checked in the order of docs/payload.md.
#include "candela/payload.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "cbor.hpp"
#include "crc.hpp"
#include "state.hpp"

namespace candela {
namespace {

using cbor::Value;

constexpr std::int64_t most_side = 1 << 17, most_frames = 100'000, furthest = std::int64_t{1} << 31;
constexpr std::int64_t infinite = 0xFFFF;
constexpr std::int64_t with_reading = 2;  // the version of payloads that say how a movie's codes were read
constexpr std::string_view ranges[] = {"", "full", "narrow"};
constexpr std::string_view matrices[] = {"", "rgb", "ycgco", "bt709", "bt601", "bt2020nc"};
constexpr const char* models[] = {"default", "paper", "gamma"};

enum Key : std::uint64_t {
    version_key, model_key, size_key, hash_key, sdr_key, hdr_key, fidelity_key, provenance_key, bits_key, numbers_key,
    streams_key, frames_key, place_key, checks_key, clipped_key, worst_key, flicker_key,
    reading_key,
};

[[noreturn]] void fail(const std::string& what) { throw Trouble(Trouble::Kind::payload, "the payload's " + what); }

std::string range_text(std::int64_t low, std::int64_t high) { return std::to_string(low) + ".." + std::to_string(high); }

std::int64_t integer(const Value* value, const char* what, std::int64_t low, std::int64_t high) {
    const auto number = value ? value->integer(low, high) : std::nullopt;
    if (!number) fail(std::string(what) + " is not a number in " + range_text(low, high));
    return *number;
}

std::vector<std::int64_t> integers(const Value* value, const char* what, std::size_t count, std::int64_t low,
                                   std::int64_t high) {
    std::vector<std::int64_t> out;
    const bool is_list = value && value->is(Value::Kind::list);
    if (is_list && (!count || value->items.size() == count)) {
        for (const auto& item : value->items) {
            const auto number = item.integer(low, high);
            if (!number) break;
            out.push_back(*number);
        }
        if (out.size() == value->items.size()) return out;
    }
    fail(std::string(what) + " is not a list of " + (count ? std::to_string(count) : "some") + " numbers in " +
         range_text(low, high));
}

bool is_null(const Value* value) { return !value || value->is(Value::Kind::null); }

double level_of(std::int64_t hundredths) {
    return hundredths == infinite ? std::numeric_limits<double>::infinity() : static_cast<double>(hundredths) / 100;
}

// Frames, place and checks, which have to agree.
void read_shot(const Value& body, Payload& out) {
    if (is_null(body.find(frames_key))) {
        if (body.find(place_key) || body.find(checks_key)) fail("frames are not said, and it speaks of them");
        return;
    }
    const auto range = integers(body.find(frames_key), "frame range", 2, -furthest, furthest);
    const std::int64_t first = range[0], last = range[1];
    if (first > last) fail("frame range " + range_text(first, last) + " runs backwards");
    if (last - first >= most_frames) fail("frame range " + range_text(first, last) + " is of more than 100000 frames");
    out.frames = {first, last};
    if (const Value* place = body.find(place_key)) out.place = integer(place, "place", first, last);
    if (const Value* checks = body.find(checks_key)) {
        const auto size = static_cast<std::int64_t>(checks->bytes.size());
        if (!checks->is(Value::Kind::bytes) || (size && size != 2 * (last - first + 1))) {
            fail("checks are not two bytes for every frame");
        }
        out.checks.assign(checks->bytes.begin(), checks->bytes.end());
    }
}

void read_measured(const Value& body, Payload& out) {
    const auto f = integers(body.find(fidelity_key), "fidelity", 6, 0, most_side);
    out.fidelity = {level_of(f[0]), level_of(f[1]), level_of(f[2]), level_of(f[3]), static_cast<int>(f[4]),
                    static_cast<int>(f[5])};
    if (const Value* clipped = body.find(clipped_key); !is_null(clipped)) {
        const auto codes = integers(clipped, "clipped light", 2, 0, 4096);
        out.clipped = {static_cast<int>(codes[0]), static_cast<int>(codes[1])};
    }
    if (const Value* worst = body.find(worst_key)) {
        const auto w = integers(worst, "worst frame", 2, -furthest, furthest);
        const bool its = out.frames && out.frames->first <= w[0] && w[0] <= out.frames->second;
        if (!its || w[1] < 0 || w[1] > infinite) fail("worst frame " + std::to_string(w[0]) + " is none of its frames");
        out.worst = {w[0], level_of(w[1])};
    }
    if (const Value* flicker = body.find(flicker_key)) {
        const auto levels = integers(flicker, "flicker", 2, 0, infinite - 1);
        if (!out.frames || levels[0] > levels[1]) fail("flicker is of no shot, or runs backwards");
        out.flicker = {level_of(levels[0]), level_of(levels[1])};
    }
}

// What no reader may pass over: codes that are read otherwise are another picture.
void read_reading(const Value& body, std::int64_t version, Payload& out) {
    const Value* said = body.find(reading_key);
    if ((version == with_reading) != (said != nullptr)) fail("reading is not as its version has it");
    if (!said) return;
    const auto known = [](const Value& one, const auto& names) {
        return one.is(Value::Kind::text) && std::ranges::find(names, one.text()) != std::end(names);
    };
    const bool list = said->is(Value::Kind::list) && said->items.size() == 2;
    if (!list || !known(said->items[0], ranges) || !known(said->items[1], matrices)) fail("reading is none that is known");
    out.reading = {std::string(said->items[0].text()), std::string(said->items[1].text())};
    if (out.reading.range.empty() && out.reading.matrix.empty()) fail("reading says nothing");
}

void read_streams(const Value* list, Payload& out) {
    const bool good = list && list->is(Value::Kind::list) && list->items.size() <= 8 &&
                      std::ranges::all_of(list->items, [](const Value& v) { return v.is(Value::Kind::bytes); });
    if (!good) fail("coded streams are not a short list of bytes");
    for (const auto& each : list->items) out.streams.emplace_back(each.bytes.begin(), each.bytes.end());
}

}  // namespace

const char* name_of(ModelKind kind) { return models[static_cast<std::size_t>(kind)]; }

Payload decode_payload(std::span<const std::uint8_t> data) {
    const auto refuse = [](const std::string& what) { throw Trouble(Trouble::Kind::payload, what); };
    if (data.size() > most_payload) refuse("a payload of " + std::to_string(data.size()) + " bytes is above the limit of 262144");
    if (data.size() < 12 || data[0] != 'C' || data[1] != 'N' || data[2] != 'D' || data[3] != 'L') {
        refuse("these bytes are no Candela payload: they do not begin with CNDL");
    }
    const auto sealed = data.first(data.size() - 4);
    if (crc32(sealed) != big_endian(data.last(4))) {
        refuse("the payload's CRC does not match: it was damaged or cut after it was written");
    }
    const Value body = cbor::read_map(sealed.subspan(4));
    const auto version = integer(body.find(version_key), "version", 0, furthest);
    if (version != 1 && version != with_reading) {
        refuse("payload version " + std::to_string(version) + " is newer than 2; update Candela to read it");
    }
    Payload out;
    read_reading(body, version, out);
    const auto size = integers(body.find(size_key), "picture size", 2, 1, most_side);
    out.width = static_cast<int>(size[0]);
    out.height = static_cast<int>(size[1]);
    const Value* hash = body.find(hash_key);
    if (!hash || !hash->is(Value::Kind::bytes) || hash->bytes.size() != out.picture_hash.size()) {
        fail("picture hash is not 16 bytes");
    }
    std::ranges::copy(hash->bytes, out.picture_hash.begin());
    read_streams(body.find(streams_key), out);
    read_shot(body, out);
    read_measured(body, out);
    out.model = static_cast<ModelKind>(integer(body.find(model_key), "model", 0, 2));
    out.bits = static_cast<int>(integer(body.find(bits_key), "bit depth", 1, 32));
    out.sdr = state_of(body.find(sdr_key), "SDR");
    out.hdr = state_of(body.find(hdr_key), "HDR");
    for (const auto number : integers(body.find(numbers_key), "list of numbers", 0, 0, 1 << 20)) {
        out.numbers.push_back(static_cast<std::uint32_t>(number));
    }
    if (const Value* provenance = body.find(provenance_key)) out.distilled = integer(provenance, "provenance", 0, 1) == 1;
    return out;
}

}  // namespace candela
