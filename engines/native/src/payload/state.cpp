// Colour states: names, maps, and what no image can have.
#include "state.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "utf8.hpp"

namespace candela {
namespace {

using cbor::Value;

constexpr const char* primaries[] = {"bt709", "p3d65", "bt2020", "ap0", "ap1"};
constexpr const char* transfers[] = {"bt1886", "srgb", "gamma22", "gamma24", "gamma26", "pq", "hlg", "linear"};
constexpr double most_nits = 1e6;
constexpr std::size_t most_text = 256;

struct Named {
    const char* name;
    Primaries primaries;
    TransferName transfer;
    double peak, white;
};
constexpr Named known[] = {
    {"rec709", Primaries::bt709, TransferName::bt1886, 100, 100},
    {"srgb", Primaries::bt709, TransferName::srgb, 100, 100},
    {"rec2100-pq", Primaries::bt2020, TransferName::pq, 10000, 203},
    {"rec2100-hlg", Primaries::bt2020, TransferName::hlg, 1000, 203},
    {"p3-pq", Primaries::p3d65, TransferName::pq, 10000, 203},
    {"linear-rec2020", Primaries::bt2020, TransferName::linear, 10000, 203},
    {"rec2020", Primaries::bt2020, TransferName::bt1886, 100, 100},
    {"display-p3", Primaries::p3d65, TransferName::srgb, 100, 100},
    {"p3-gamma26", Primaries::p3d65, TransferName::gamma26, 100, 100},
};

class MapReader {
public:
    MapReader(const Value& map, const char* what) : map_(map), what_(what) {
        for (const auto& entry : map.entries) {
            const bool text = entry.key.is(Value::Kind::text);
            if (!text || std::ranges::find(keys, entry.key.text()) == std::end(keys)) fail("has an unknown key");
        }
    }

    // The index of a word among `words`, or `missing` where there is no such key.
    template <std::size_t n>
    std::size_t word(std::string_view key, const char* const (&words)[n], std::size_t missing) const {
        const Value* value = find(key);
        if (!value && missing < n) return missing;
        if (!value) fail(std::string(key) + " is missing");
        const auto at = std::ranges::find(words, value->is(Value::Kind::text) ? value->text() : std::string_view());
        if (at == std::end(words)) fail(std::string(key) + " is none of those that are known");
        return static_cast<std::size_t>(at - std::begin(words));
    }

    double nits(std::string_view key, double missing) const {
        const Value* value = find(key);
        if (!value) return missing;
        double number = NAN;
        if (value->is(Value::Kind::natural)) number = static_cast<double>(value->number);
        if (value->is(Value::Kind::real)) number = value->real;
        if (!(number > 0 && number <= most_nits)) fail(std::string(key) + " is not above 0 and up to 1000000");
        return number;
    }

    std::string text(std::string_view key) const {
        const Value* value = find(key);
        if (!value || value->is(Value::Kind::null)) return {};
        const std::string_view text = value->is(Value::Kind::text) ? value->text() : std::string_view();
        if (text.empty() || length_of(text) > most_text || !is_printable(text)) {
            fail(std::string(key) + " is not printable text of 1 to 256");
        }
        return std::string(text);
    }

    [[noreturn]] void fail(const std::string& why) const {
        throw Trouble(Trouble::Kind::payload, std::string("the payload's ") + what_ + " colour does not hold: " + why);
    }

private:
    static constexpr std::string_view keys[] = {"p", "t", "r", "pk", "rw", "un", "os", "oc"};

    const Value* find(std::string_view key) const {
        for (const auto& entry : map_.entries) {
            if (entry.key.text() == key) return &entry.value;
        }
        return nullptr;
    }

    const Value& map_;
    const char* what_;
};

ColourState of_map(const Value& map, const char* what) {
    constexpr const char* ranges[] = {"full", "narrow"};
    constexpr std::size_t needed = 99;
    const MapReader read(map, what);
    ColourState out;
    out.primaries = static_cast<Primaries>(read.word("p", primaries, needed));
    out.transfer = static_cast<TransferName>(read.word("t", transfers, needed));
    out.narrow = read.word("r", ranges, 0) == 1;
    out.peak_nits = read.nits("pk", 100);
    out.reference_white_nits = read.nits("rw", 100);
    out.unit_nits = read.nits("un", 1);
    out.ocio_space = read.text("os");
    out.ocio_config = read.text("oc");
    if (out.ocio_space.empty() != out.ocio_config.empty()) read.fail("os and oc go together; one is missing");
    return out;
}

}  // namespace

const char* name_of(Primaries value) { return primaries[static_cast<std::size_t>(value)]; }
const char* name_of(TransferName value) { return transfers[static_cast<std::size_t>(value)]; }

bool ColourState::is_hdr() const {
    return transfer == TransferName::pq || transfer == TransferName::hlg || peak_nits > reference_white_nits;
}

ColourState state_of(const Value* value, const char* what) {
    if (value && value->is(Value::Kind::map)) return of_map(*value, what);
    if (!value || !value->is(Value::Kind::text)) {
        throw Trouble(Trouble::Kind::payload, std::string("the payload's ") + what + " colour is neither a name nor a map");
    }
    for (const auto& each : known) {
        if (value->text() == each.name) return {each.primaries, each.transfer, false, each.peak, each.white, 1, {}, {}};
    }
    throw Trouble(Trouble::Kind::payload, std::string("the payload names an unknown ") + what + " colour");
}

}  // namespace candela
