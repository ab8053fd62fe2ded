// CBOR read by hand, a bounded part of it.
#include "cbor.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "candela/picture.hpp"
#include "candela/trouble.hpp"
#include "utf8.hpp"

namespace candela::cbor {
namespace {

[[noreturn]] void malformed(const char* what) {
    throw Trouble(Trouble::Kind::payload, std::string("the payload is not well-formed CBOR: ") + what);
}

auto order_of(const Entry& entry) { return std::tuple(entry.key.kind, entry.key.number, entry.key.text()); }

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> data) : data_(data) {}

    std::size_t left() const { return data_.size() - at_; }

    Value value(int depth) {
        if (depth > deepest) malformed("it nests too deep");
        const int first = static_cast<int>(take(1)), major = first >> 5, small = first & 31;
        if (small > 27) malformed("an open end, or a length of an unknown kind");
        if (major == 7) return simple(small);
        const std::uint64_t number = small < 24 ? static_cast<std::uint64_t>(small) : take(1u << (small - 24));
        Value out;
        out.number = number;
        switch (major) {
            case 0: out.kind = Value::Kind::natural; break;
            case 1: out.kind = Value::Kind::negative; break;
            case 2: out.kind = Value::Kind::bytes; out.bytes = span(number); break;
            case 3:
                out.kind = Value::Kind::text;
                out.bytes = span(number);
                if (!is_utf8(out.text())) malformed("text that is not UTF-8");
                break;
            case 4: list(out, number, depth); break;
            case 5: map(out, number, depth); break;
            default: malformed("a tag");
        }
        return out;
    }

private:
    std::uint64_t take(std::size_t count) {
        if (count > left()) malformed("it ends too early");
        std::uint64_t number = 0;
        for (; count; --count) number = number << 8 | data_[at_++];
        return number;
    }

    std::span<const std::uint8_t> span(std::uint64_t size) {
        if (size > left()) malformed("it ends too early");
        const auto out = data_.subspan(at_, static_cast<std::size_t>(size));
        at_ += out.size();
        return out;
    }

    void list(Value& out, std::uint64_t count, int depth) {
        out.kind = Value::Kind::list;
        if (count > left()) malformed("it ends too early");
        for (; count; --count) out.items.push_back(value(depth + 1));
    }

    void map(Value& out, std::uint64_t count, int depth) {
        out.kind = Value::Kind::map;
        if (count > left() / 2) malformed("it ends too early");
        for (; count; --count) {
            Value key = value(depth + 1);
            if (!key.is(Value::Kind::natural) && !key.is(Value::Kind::negative) && !key.is(Value::Kind::text)) {
                malformed("a key is neither a number nor text");
            }
            out.entries.push_back({std::move(key), value(depth + 1)});
        }
        std::ranges::sort(out.entries, {}, order_of);
        const auto same = [](const Entry& a, const Entry& b) { return order_of(a) == order_of(b); };
        if (std::ranges::adjacent_find(out.entries, same) != out.entries.end()) malformed("a key comes twice");
    }

    Value simple(int small) {
        Value out;
        if (small == 20 || small == 21) {
            out.kind = Value::Kind::boolean;
            out.number = static_cast<std::uint64_t>(small - 20);
        } else if (small >= 25) {
            out.kind = Value::Kind::real;
            const std::uint64_t bits = take(1u << (small - 24));
            if (small == 25) out.real = half_to_float(static_cast<unsigned short>(bits));
            if (small == 26) out.real = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
            if (small == 27) out.real = std::bit_cast<double>(bits);
        } else if (small != 22) {
            malformed("a simple value that payloads do not have");
        }
        return out;
    }

    std::span<const std::uint8_t> data_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::int64_t> Value::integer(std::int64_t low, std::int64_t high) const {
    if ((kind != Kind::natural && kind != Kind::negative) || number > INT64_MAX) return {};
    const auto signed_number = static_cast<std::int64_t>(number);
    const std::int64_t n = kind == Kind::natural ? signed_number : -1 - signed_number;
    return low <= n && n <= high ? std::optional(n) : std::nullopt;
}

const Value* Value::find(std::uint64_t key) const {
    const auto wanted = std::tuple(Kind::natural, key, std::string_view());
    const auto at = std::ranges::lower_bound(entries, wanted, {}, order_of);
    return at != entries.end() && order_of(*at) == wanted ? &at->value : nullptr;
}

Value read_map(std::span<const std::uint8_t> data) {
    Reader reader(data);
    Value out = reader.value(1);
    if (!out.is(Value::Kind::map) || reader.left()) malformed("it is not one map");
    return out;
}

}  // namespace candela::cbor
