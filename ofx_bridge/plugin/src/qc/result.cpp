// From JSON to shots.
#include "result.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "json.hpp"
#include "payload/file_cache.hpp"

namespace candela::plugin {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw Trouble(Trouble::Kind::media, what); }

const std::string* text_of(const json::Value& of, std::string_view name) {
    const auto* value = of.member(name);
    return value ? value->text() : nullptr;
}

const double* number_of(const json::Value& of, std::string_view name) {
    const auto* value = of.member(name);
    return value ? value->number() : nullptr;
}

std::optional<std::int64_t> frame_of(const json::Value& of, std::string_view name) {
    const double* number = number_of(of, name);
    if (!number || std::abs(*number) > 1e12 || *number != std::floor(*number)) return {};
    return static_cast<std::int64_t>(*number);
}

Severity severity_of(const json::Value& of) {
    const std::string* text = text_of(of, "severity");
    std::string low = text ? *text : "";
    for (auto& c : low) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return low == "blocker" ? Severity::blocker : low == "issue" ? Severity::issue : Severity::fyi;
}

std::optional<std::array<double, 4>> box_of(const json::Value& of, double width, double height) {
    const auto* value = of.member("box");
    const auto* items = value ? value->array() : nullptr;
    if (!items || items->size() != 4) return {};
    std::array<double, 4> out;
    for (std::size_t i = 0; i < 4; ++i) {
        const double* number = (*items)[i].number();
        if (!number) return {};
        out[i] = std::clamp(*number / (i % 2 ? height : width), 0.0, 1.0);
    }
    if (!(out[0] < out[2] && out[1] < out[3])) return {};
    return out;
}

}  // namespace

const QcShot* QcResult::at(std::int64_t frame) const {
    for (const QcShot& shot : shots) {
        if (frame >= shot.first && frame <= shot.last) return &shot;
    }
    return nullptr;
}

QcResult parse_qc(std::string_view text) {
    const json::Value whole = json::parse(text);
    const auto* list = whole.member("shots");
    if (!list || !list->array()) refuse("is no QC result: it has no list of shots");
    // Boxes are in pixels of a picture whose size the result says; without it they are shares already.
    const double *w = number_of(whole, "width_px"), *h = number_of(whole, "height_px");
    const bool sized = w && h && *w >= 1 && *h >= 1;
    QcResult out;
    for (const auto& item : *list->array()) {
        const auto first = frame_of(item, "first"), last = frame_of(item, "last");
        if (!first || !last || *first > *last) {
            refuse("shot " + std::to_string(out.shots.size() + 1) + " of the QC result has no first and last frame");
        }
        QcShot shot{*first, *last, {}, {}, {}};
        if (const auto* name = text_of(item, "name")) shot.name = *name;
        if (const auto* score = number_of(item, "score")) shot.score = *score;
        const auto* reasons = item.member("reasons");
        if (reasons && reasons->array()) {
            for (const auto& reason : *reasons->array()) {
                const auto* sentence = text_of(reason, "sentence");
                if (!sentence) continue;
                const auto* kind = text_of(reason, "kind");
                shot.reasons.push_back({kind ? *kind : "", *sentence, severity_of(reason), box_of(reason, sized ? *w : 1, sized ? *h : 1)});
            }
        }
        out.shots.push_back(std::move(shot));
    }
    return out;
}

namespace {

FileCache<QcResult>& results() {
    static FileCache<QcResult> it(8);
    return it;
}

std::string bytes_of(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) refuse("there is no such file");
    std::ifstream file(path, std::ios::binary);
    if (!file) refuse("cannot be opened; is it permitted to read it?");
    std::string out;
    char block[1 << 16];
    while (file.read(block, sizeof block) || file.gcount()) {
        out.append(block, static_cast<std::size_t>(file.gcount()));
        if (out.size() > json::most_bytes) break;  // the parser says it
    }
    return out;
}

}  // namespace

std::shared_ptr<const QcResult> qc_of(const std::string& path) {
    const std::filesystem::path file = std::filesystem::u8path(path);
    return results().get(
        path, [&] { return std::pair(stamp_of(file), FileStamp{}); },
        [&] {
            try {
                return std::make_shared<const QcResult>(parse_qc(bytes_of(file)));
            } catch (const Trouble& trouble) {
                throw Trouble(trouble.kind(), path + ": " + trouble.what());
            }
        });
}

void forget_qc() { results().forget(); }

}  // namespace candela::plugin
