// A parser that goes down the text once; depth and number of values are bounded before memory is taken for them.
#include "json.hpp"

#include <charconv>
#include <cmath>

#include "candela/trouble.hpp"

namespace candela::plugin::json {
namespace {

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Value whole() {
        if (text_.size() > most_bytes) fail("is larger than 32 MiB");
        if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
        Value out = value(0);
        space();
        if (at_ != text_.size()) fail("goes on behind its end");
        return out;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        std::size_t line = 1;
        for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) line += text_[i] == '\n';
        throw Trouble(Trouble::Kind::media, "the JSON " + what + " (line " + std::to_string(line) + ")");
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
    }

    void expect(char c) {
        space();
        if (at_ >= text_.size() || text_[at_] != c) fail(std::string("lacks a ") + c);
        ++at_;
    }

    bool word(std::string_view w) {
        if (text_.substr(at_, w.size()) != w) return false;
        at_ += w.size();
        return true;
    }

    Value value(int depth) {
        if (depth > most_depth) fail("is nested deeper than 32");
        if (++values_ > most_values) fail("has more than two million values");
        space();
        switch (peek()) {
            case '{': return {object(depth)};
            case '[': return {array(depth)};
            case '"': return {string()};
            case 't': if (word("true")) return {true}; break;
            case 'f': if (word("false")) return {false}; break;
            case 'n': if (word("null")) return {nullptr}; break;
            default: return {number()};
        }
        fail("has a word that is none");
    }

    Object object(int depth) {
        Object out;
        ++at_;
        space();
        if (peek() == '}') return ++at_, out;
        while (true) {
            space();
            if (peek() != '"') fail("lacks the name of a member");
            std::string name = string();
            expect(':');
            out.emplace_back(std::move(name), value(depth + 1));
            space();
            if (peek() == ',') {
                ++at_;
                continue;
            }
            expect('}');
            return out;
        }
    }

    Array array(int depth) {
        Array out;
        ++at_;
        space();
        if (peek() == ']') return ++at_, out;
        while (true) {
            out.push_back(value(depth + 1));
            space();
            if (peek() == ',') {
                ++at_;
                continue;
            }
            expect(']');
            return out;
        }
    }

    double number() {
        // from_chars takes less care than JSON asks for, so the form is looked at first.
        const std::size_t from = at_;
        const auto digits = [&] {
            const std::size_t first = at_;
            while (peek() >= '0' && peek() <= '9') ++at_;
            return at_ - first;
        };
        if (peek() == '-') ++at_;
        const std::size_t whole = at_;
        const std::size_t count = digits();
        if (!count || (count > 1 && text_[whole] == '0')) fail("has a value that is none");
        if (peek() == '.') {
            ++at_;
            if (!digits()) fail("has a number that ends with its point");
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!digits()) fail("has a number without its exponent");
        }
        double out = 0;
        const auto result = std::from_chars(text_.data() + from, text_.data() + at_, out);
        if (result.ec == std::errc::result_out_of_range || !std::isfinite(out)) fail("has a number that is too large");
        return out;
    }

    unsigned int hex() {
        unsigned int out = 0;
        const std::string_view four = text_.substr(at_, 4);
        const auto result = std::from_chars(four.data(), four.data() + four.size(), out, 16);
        if (four.size() != 4 || result.ptr != four.data() + 4) fail("has a \\u without its four digits");
        at_ += 4;
        return out;
    }

    static void put(std::string& out, unsigned int code) {
        const auto byte = [&](unsigned int v) { out += static_cast<char>(v); };
        if (code < 0x80) byte(code);
        else if (code < 0x800) byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f));
        else if (code < 0x10000) byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f));
        else byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f));
    }

    std::string string() {
        std::string out;
        ++at_;
        while (true) {
            if (at_ >= text_.size()) fail("ends inside a text");
            const char c = text_[at_++];
            if (c == '"') return out;
            if (static_cast<unsigned char>(c) < 0x20) fail("has a control character in a text");
            if (c != '\\') {
                out += c;
                continue;
            }
            const char escaped = peek();
            ++at_;
            switch (escaped) {
                case '"': case '\\': case '/': out += escaped; break;
                case 'b': out += '\b'; break;
                case 'f': out += '\f'; break;
                case 'n': out += '\n'; break;
                case 'r': out += '\r'; break;
                case 't': out += '\t'; break;
                case 'u': {
                    unsigned int code = hex();
                    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
                        const std::size_t back = at_;
                        at_ += 2;
                        const unsigned int low = hex();
                        if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                        else at_ = back;
                    }
                    put(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
                    break;
                }
                default: fail("has an escape that is none");
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0, values_ = 0;
};

}  // namespace

const Value* Value::member(std::string_view name) const {
    const auto* object = std::get_if<Object>(&of);
    if (!object) return nullptr;
    for (const auto& [key, value] : *object) {
        if (key == name) return &value;
    }
    return nullptr;
}

Value parse(std::string_view text) { return Parser(text).whole(); }

}  // namespace candela::plugin::json
