// Places for a number, found by hand: regular expressions of a standard library may recurse without bound.
#include "frame_name.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "host/boundary.hpp"

namespace candela::plugin {
namespace {

constexpr int most_digits = 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Place {
    std::size_t begin, end;  // in the name
    int digits;
};

std::size_t name_start(const std::string& path) {
#ifdef _WIN32
    const auto at = path.find_last_of("/\\");
#else
    const auto at = path.find_last_of('/');
#endif
    return at == std::string::npos ? 0 : at + 1;
}

int width_of(std::size_t digits, const std::string& name) {
    if (digits > most_digits) throw UserError(name + ": a padding of more than 20 digits for the frame number");
    return std::max(1, static_cast<int>(digits));
}

// A padding that begins at `i`.
std::optional<Place> padding_at(const std::string& s, std::size_t i) {
    const auto after = [&](std::size_t at) { return at < s.size() && is_word(s[at]); };
    std::size_t end = i;
    if (s[i] == '#' || s[i] == '@') {
        while (end < s.size() && s[end] == s[i]) ++end;
        if (end - i == 1 && after(end)) return {};
        return Place{i, end, width_of(end - i, s)};
    }
    if (s[i] == '%') {
        while (++end < s.size() && is_digit(s[end])) {
        }
        if (end >= s.size() || s[end] != 'd' || (end == i + 1 && after(end + 1))) return {};
        const std::string number = s.substr(i + 1, end - i - 1);
        if (number.size() > 3) width_of(most_digits + 1, s);
        return Place{i, end + 1, width_of(number.empty() ? 1 : std::stoul(number), s)};
    }
    if (s[i] == '$' && i + 1 < s.size() && s[i + 1] == 'F') {
        end = i + 2;
        while (end < s.size() && is_digit(s[end])) ++end;
        if (after(end)) return {};
        const std::string number = s.substr(i + 2, end - i - 2);
        if (number.size() > 3) width_of(most_digits + 1, s);
        return Place{i, end, width_of(number.empty() ? 1 : std::stoul(number), s)};
    }
    return {};
}

// Whether [begin, end) is a list of frames and ranges, as 1001-1100x2,1200, and how wide its first number is.
std::optional<int> range_width(const std::string& s, std::size_t begin, std::size_t end) {
    std::size_t at = begin;
    int width = 0;
    const auto number = [&] {
        const std::size_t from = at + (at < end && s[at] == '-');
        std::size_t to = from;
        while (to < end && is_digit(s[to])) ++to;
        if (to == from || to - from > 10) return false;
        if (!width) width = static_cast<int>(to - from);
        at = to;
        return true;
    };
    while (true) {
        if (!number()) return {};
        if (at < end && s[at] == '-') {
            ++at;
            if (!number()) return {};
            if (at < end && s[at] == 'x') {
                ++at;
                if (!number()) return {};
            }
        }
        if (at == end) return width;
        if (s[at++] != ',') return {};
    }
}

std::optional<Place> place_in(const std::string& name) {
    std::optional<Place> found;
    const auto keep = [&](Place place) {
        if (found) throw UserError(name + ": has two places for the frame number; keep one");
        found = place;
    };
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '[') {
            const auto close = name.find(']', i);
            if (close == std::string::npos) continue;
            const auto width = range_width(name, i + 1, close);
            if (!width) continue;
            keep({i, close + 1, *width});
            i = close;
            continue;
        }
        auto place = padding_at(name, i);
        if (!place) continue;
        const std::size_t next = place->end - 1;
        // A range before the padding: from a dot, an underscore, a space or the beginning on; a single number after a dot.
        std::size_t from = i;
        while (from > 0 && (is_digit(name[from - 1]) || name[from - 1] == '-' || name[from - 1] == ',' || name[from - 1] == 'x')) --from;
        for (; from < i; ++from) {
            const char before = from ? name[from - 1] : '.';
            const bool several = name.find_first_of("-,", from + 1) < i;
            if (before != '.' && (!several || (before != '_' && before != ' '))) continue;
            if (!range_width(name, from, i)) continue;
            place->begin = from;
            break;
        }
        keep(*place);
        i = next;
    }
    return found;
}

bool is_file(const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(std::filesystem::u8path(path), error);
}

}  // namespace

bool has_frame_place(const std::string& path) {
    const std::string name = path.substr(name_start(path));
    return name.size() <= 1024 && place_in(name) && !is_file(path);
}

std::string path_of_frame(const std::string& path, std::int64_t frame) {
    const std::size_t start = name_start(path);
    const std::string name = path.substr(start);
    if (name.size() > 1024) return path;
    const auto place = place_in(name);
    if (!place || is_file(path)) return path;
    std::string number = std::to_string(frame < 0 ? -frame : frame);
    const std::size_t wanted = static_cast<std::size_t>(place->digits) - (frame < 0 ? 1 : 0);
    if (number.size() < wanted) number.insert(0, wanted - number.size(), '0');
    if (frame < 0) number.insert(0, 1, '-');
    return path.substr(0, start) + name.substr(0, place->begin) + number + name.substr(place->end);
}

}  // namespace candela::plugin
