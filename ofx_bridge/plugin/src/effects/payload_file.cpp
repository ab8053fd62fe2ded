// Movies are known by their names: a payload does not say what its frames lie in.
#include "payload_file.hpp"

#include <cmath>

#include "payload/frame_name.hpp"
#include "payload/store.hpp"

namespace candela::plugin {
namespace {

bool is_movie(const Model& model) {
    std::string name = model.path().filename().string();
    if (name.ends_with(".candela")) name.resize(name.size() - 8);
    for (auto& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (const char* end : {".mov", ".mp4", ".m4v", ".3gp", ".mkv", ".webm", ".mxf", ".avi", ".ts", ".m2ts", ".mts"}) {
        if (name.ends_with(end)) return true;
    }
    return false;
}

}  // namespace

Found find_payload_of(ofx::Effect effect, const std::string& path, std::int64_t host_frame, Numbering numbering) {
    Found out;
    out.model = payload_of(path_of_frame(path, host_frame));
    std::int64_t first = 0;
    if (numbering == Numbering::from_source || (numbering == Numbering::automatic && is_movie(*out.model))) {
        const auto range = Clip(effect, ofx::value::source).properties().real(ofx::prop::frame_range, 0);
        if (range && std::abs(*range) < 1e9) first = std::llround(*range);
    }
    out.frame = host_frame - first;
    return out;
}

}  // namespace candela::plugin
