// Linear light in nits or over 203 nit is no colour space of that config: its linear spaces are scene-referred.
#include "encoding_choice.hpp"

namespace candela::plugin {

Encoding encoding_of_choice(int choice) {
    return choice > 0 && choice < encodings ? static_cast<Encoding>(choice) : Encoding::pq;
}

const char* colourspace_of(Encoding encoding) {
    switch (encoding) {
        case Encoding::pq: return "rec2100_pq_display";
        case Encoding::hlg: return "rec2100_hlg_display";
        case Encoding::acescg: return "ACEScg";
        case Encoding::acescct: return "ACEScct";
        case Encoding::intermediate: return "davinci_intermediate_widegamut";
        default: return "";
    }
}

bool encoding_of_colourspace(const std::string& name, Encoding& out) {
    for (int i = 0; i < encodings; ++i) {
        const auto encoding = static_cast<Encoding>(i);
        if (name.empty() || name != colourspace_of(encoding)) continue;
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
