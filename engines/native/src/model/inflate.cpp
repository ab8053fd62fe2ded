// DEFLATE, bit by bit: streams are a few kilobytes, and small beats fast.
#include "inflate.hpp"

#include <algorithm>
#include <array>

namespace candela {
namespace {

constexpr int most_bits = 15;
struct Unsound {};  // does not leave this file

// A prefix code in canonical form: how many codes there are of each length, and their symbols in order.
class Prefix {
public:
    // Of the lengths of all symbols, 0 for those that have none. A code may be incomplete where it has but one symbol, of
    // one bit, and `lax`; it may be empty where `lax`.
    Prefix(std::span<const std::uint8_t> lengths, bool lax) {
        for (const auto length : lengths) ++counts_[length];
        int left = 1;
        for (int length = 1; length <= most_bits; ++length) {
            left = 2 * left - counts_[length];
            if (left < 0) throw Unsound{};
        }
        const int coded = static_cast<int>(lengths.size()) - counts_[0];
        if (left && !(lax && coded == counts_[1] && coded <= 1)) throw Unsound{};
        std::array<int, most_bits + 2> at{};
        for (int length = 1; length <= most_bits; ++length) at[length + 1] = at[length] + counts_[length];
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
            if (lengths[symbol]) symbols_[at[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
        }
    }

    template <class Bits>
    int next(Bits& bits) const {
        int code = 0, first = 0, index = 0;
        for (int length = 1; length <= most_bits; ++length) {
            code |= bits.take(1);
            if (code - first < counts_[length]) return symbols_[index + code - first];
            index += counts_[length];
            first = 2 * (first + counts_[length]);
            code *= 2;
        }
        throw Unsound{};
    }

private:
    std::array<int, most_bits + 1> counts_{};
    std::array<std::uint16_t, 288> symbols_{};
};

class Inflater {
public:
    Inflater(std::span<const std::uint8_t> data, std::size_t size) : data_(data), size_(size) { out_.reserve(size); }

    std::vector<std::uint8_t> run() {
        const int method = take(8), flags = take(8);
        if ((method & 15) != 8 || method >> 4 > 7 || (method * 256 + flags) % 31 || flags & 32) throw Unsound{};
        for (bool last = false; !last;) {
            last = take(1);
            switch (take(2)) {
                case 0: stored(); break;
                case 1: fixed(); break;
                case 2: dynamic(); break;
                default: throw Unsound{};
            }
        }
        held_ = 0;
        bits_ = 0;
        std::uint32_t a = 1, b = 0;
        for (const auto byte : out_) {
            a = (a + byte) % 65521;
            b = (b + a) % 65521;
        }
        std::uint32_t stored_sum = 0;
        for (int i = 0; i < 4; ++i) stored_sum = stored_sum << 8 | static_cast<std::uint32_t>(take(8));
        if (stored_sum != (b << 16 | a) || at_ != data_.size() || out_.size() != size_) throw Unsound{};
        return std::move(out_);
    }

    int take(int count) {
        for (; bits_ < count; bits_ += 8) {
            if (at_ == data_.size()) throw Unsound{};
            held_ |= static_cast<std::uint32_t>(data_[at_++]) << bits_;
        }
        const int value = static_cast<int>(held_ & ((1u << count) - 1));
        held_ >>= count;
        bits_ -= count;
        return value;
    }

private:
    void put(std::uint8_t byte) {
        if (out_.size() == size_) throw Unsound{};
        out_.push_back(byte);
    }

    void stored() {
        held_ = 0;
        bits_ = 0;
        const int length = take(16);
        if (take(16) != (length ^ 0xFFFF)) throw Unsound{};
        for (int i = 0; i < length; ++i) put(static_cast<std::uint8_t>(take(8)));
    }

    void fixed() {
        std::array<std::uint8_t, 288> lengths;
        std::fill(lengths.begin(), lengths.begin() + 144, std::uint8_t{8});
        std::fill(lengths.begin() + 144, lengths.begin() + 256, std::uint8_t{9});
        std::fill(lengths.begin() + 256, lengths.begin() + 280, std::uint8_t{7});
        std::fill(lengths.begin() + 280, lengths.end(), std::uint8_t{8});
        std::array<std::uint8_t, 32> distances;
        distances.fill(5);
        symbols(Prefix(lengths, false), Prefix(distances, false));
    }

    void dynamic() {
        constexpr std::uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        const int literals = take(5) + 257, distances = take(5) + 1, codes = take(4) + 4;
        if (literals > 286 || distances > 30) throw Unsound{};
        std::array<std::uint8_t, 19> own{};
        for (int i = 0; i < codes; ++i) own[order[i]] = static_cast<std::uint8_t>(take(3));
        const Prefix of_lengths(own, false);
        std::array<std::uint8_t, 316> lengths{};
        for (int at = 0; at < literals + distances;) {
            const int symbol = of_lengths.next(*this);
            int repeat = 1;
            std::uint8_t value = static_cast<std::uint8_t>(symbol);
            if (symbol >= 16) {
                if (symbol == 16 && !at) throw Unsound{};
                value = symbol == 16 ? lengths[at - 1] : std::uint8_t{0};
                repeat = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
            }
            if (at + repeat > literals + distances) throw Unsound{};
            while (repeat--) lengths[at++] = value;
        }
        if (!lengths[256]) throw Unsound{};
        const std::span<const std::uint8_t> all(lengths);
        symbols(Prefix(all.first(literals), true), Prefix(all.subspan(literals, distances), true));
    }

    void symbols(const Prefix& literals, const Prefix& distances) {
        constexpr int base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
        constexpr int extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
        for (int symbol; (symbol = literals.next(*this)) != 256;) {
            if (symbol < 256) {
                put(static_cast<std::uint8_t>(symbol));
                continue;
            }
            if (symbol > 285) throw Unsound{};
            const int length = base[symbol - 257] + take(extra[symbol - 257]), code = distances.next(*this);
            if (code > 29) throw Unsound{};
            const int more = code < 2 ? 0 : code / 2 - 1;
            const std::size_t back = static_cast<std::size_t>((code < 2 ? code : (2 + code % 2) << more) + take(more)) + 1;
            if (back > out_.size()) throw Unsound{};
            for (int i = 0; i < length; ++i) put(out_[out_.size() - back]);
        }
    }

    std::span<const std::uint8_t> data_;
    std::size_t size_, at_ = 0;
    std::uint32_t held_ = 0;
    int bits_ = 0;
    std::vector<std::uint8_t> out_;
};

}  // namespace

std::optional<std::vector<std::uint8_t>> inflate(std::span<const std::uint8_t> data, std::size_t size) {
    try {
        return Inflater(data, size).run();
    } catch (const Unsound&) {
        return {};
    }
}

}  // namespace candela
