// Linear light in nits or over 203 nit is no colour space of that config: its linear spaces are scene-referred.
#include "encoding_choice.hpp"

#include <string_view>

#include "candela_ofx/ofx_names.h"

namespace candela::plugin {

Encoding encoding_of_choice(int choice) {
    return choice > 0 && choice < encodings ? static_cast<Encoding>(choice) : Encoding::pq;
}

const char* colourspace_of(Encoding encoding, const std::string& style) {
    const bool basic = style == ofx::value::colour_basic, core = style == ofx::value::colour_core;
    switch (encoding) {
        case Encoding::pq: return basic ? "ofx_display_hdr" : "rec2100_pq_display";
        case Encoding::hlg: return basic ? "ofx_display_hdr" : "rec2100_hlg_display";
        case Encoding::acescg: return basic ? "ofx_scene_linear" : "ACEScg";
        case Encoding::acescct: return basic ? "ofx_scene_log" : "ACEScct";
        case Encoding::intermediate: return basic || core ? "ofx_scene_log" : "davinci_intermediate_widegamut";
        default: return "ofx_raw";
    }
}

bool encoding_of_colourspace(const std::string& name, Encoding& out) {
    for (int i = 0; i < encodings; ++i) {
        const auto encoding = static_cast<Encoding>(i);
        const std::string_view own = colourspace_of(encoding, ofx::value::colour_full);
        if (own == "ofx_raw" || name != own) continue;
        out = encoding;
        return true;
    }
    return false;
}

bool input_of_colourspace(const std::string& name, Input& out) {
    if (name == "srgb_display" || name == "srgb_tx") out = Input::srgb;
    else if (name == "rec1886_rec709_display" || name == "g24_rec709_tx") out = Input::bt1886;
    else if (name == "ACEScg") out = Input::acescg;
    else if (name == "ofx_raw" || name == "Raw" || name == "ofx_display_sdr") out = Input::stored;
    else return false;
    return true;
}

}  // namespace candela::plugin
