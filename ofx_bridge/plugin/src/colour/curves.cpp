// Made once, when the first is asked for.
#include "curves.hpp"

namespace candela::plugin {

const NamedCurve& curve_named(CurveName name) {
    constexpr double gamma = 1.2;  // of HLG on a display of 1000 nit
    // In the order of the names.
    static const NamedCurve all[curve_names] = {
        {{CurveKind::pq_code, 1}, 15, 0},
        {{CurveKind::pq_nits}, 0, 2},
        {{CurveKind::pq_nits}, -16, 2},
        {{CurveKind::acescct_code}, 10, 0},
        {{CurveKind::acescct_light}, 1, 3},
        {{CurveKind::intermediate_code}, 10, 0},
        {{CurveKind::intermediate_light}, 1, 3},
        {{CurveKind::luminance_power, (1 - gamma) / gamma}, 4, 0},
        {{CurveKind::luminance_power, gamma - 1}, 4, 0},
        {{CurveKind::hlg_code}, 7, 0},
        {{CurveKind::hlg_scene}, 4, 2},
        {{CurveKind::srgb_whole}, 1, 2},
    };
    return all[static_cast<int>(name)];
}

}  // namespace candela::plugin
