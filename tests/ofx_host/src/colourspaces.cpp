#include "colourspaces.hpp"

#include <sstream>

namespace host {
namespace {

// The native config of API 1.5: names that stand for any space of a kind, those that every host of the core style has,
// and the others.
const char* const basic = "ofx_display_hdr ofx_display_sdr ofx_raw ofx_scene_linear ofx_scene_log ";
const char* const core =
    "srgb_display displayp3_display rec1886_rec709_display rec1886_rec2020_display rec2100_hlg_display "
    "rec2100_pq_display st2084_p3d65_display p3d65_display ACES2065-1 ACEScc ACEScct ACEScg lin_p3d65 "
    "lin_rec2020 lin_rec709_srgb g18_rec709_tx g22_ap1_tx g22_rec709_tx g24_rec709_tx srgb_encoded_ap1_tx "
    "srgb_encoded_p3d65_tx srgb_tx Raw aces_interchange cie_xyz_d65_interchange color_picking "
    "color_timing compositing_log data matte_paint scene_linear texture_paint ";
const char* const full =
    "CIE-XYZ-D65 p3d60_display p3_dci_display ADX10 ADX16 lin_arri_wide_gamut_3 arri_logc3_ei800 "
    "lin_arri_wide_gamut_4 arri_logc4 bmdfilm_widegamut_gen5 davinci_intermediate_widegamut "
    "lin_bmd_widegamut_gen5 lin_davinci_widegamut canonlog2_cinemagamut_d55 canonlog3_cinemagamut_d55 "
    "lin_cinemagamut_d55 lin_vgamut vlog_vgamut lin_redwidegamutrgb log3g10_redwidegamutrgb lin_sgamut3 "
    "lin_sgamut3cine lin_venice_sgamut3 lin_venice_sgamut3cine slog3_sgamut3 slog3_sgamut3cine "
    "slog3_venice_sgamut3 slog3_venice_sgamut3cine camera_rec709 ";

bool among(const std::string& name, const char* names) {
    std::istringstream in(names);
    for (std::string one; in >> one;) {
        if (one == name) return true;
    }
    return false;
}

}  // namespace

bool colourspace_allowed(const std::string& name, const std::string& style) {
    if (name.rfind("OfxColourspace_", 0) == 0 || among(name, basic)) return true;
    if (style == "OfxImageEffectColourManagementBasic") return false;
    if (among(name, core)) return true;
    if (style == "OfxImageEffectColourManagementCore") return false;
    // With OCIO the config in use has names of its own.
    return among(name, full) || style == "OfxImageEffectColourManagementOCIO";
}

}  // namespace host
