// Of a clip all shots are counted: one that was distilled among others is said.
#include "information.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace candela::plugin {
namespace {

std::string decibels(double value) {
    if (std::isinf(value)) return "equal to it";
    char out[48];
    std::snprintf(out, sizeof out, "%.2f dB PU-PSNR", value);
    return out;
}

}  // namespace

std::string information_of(const Model& model) {
    const auto& shots = model.shots();
    const Payload& first = shots.front();
    std::string out = std::string("model ") + name_of(first.model) + ", " + std::to_string(model.width()) + "x" +
                      std::to_string(model.height()) + ", " + std::to_string(first.bits) + " bit";
    const auto distilled = static_cast<std::size_t>(std::ranges::count_if(shots, [](const Payload& p) { return p.distilled; }));
    const auto worst = std::ranges::min_element(shots, {}, [](const Payload& p) { return p.fidelity.pu_psnr; });
    if (shots.size() > 1) {
        out += "\n" + std::to_string(shots.size()) + " shots, frames " + std::to_string(first.frames ? first.frames->first : 0) +
               " to " + std::to_string(shots.back().frames ? shots.back().frames->second : 0);
    }
    out += "\nfidelity " + decibels(worst->fidelity.pu_psnr) + (shots.size() > 1 ? " in the worst shot" : "");
    if (!distilled) return out + "\nfitted to an HDR master";
    out += "\n";
    if (distilled < shots.size()) out += "in " + std::to_string(distilled) + " of the shots ";
    return out + distilled_words;
}

}  // namespace candela::plugin
