#include "profile.hpp"

#include <stdexcept>

namespace host {
namespace {

const char* const rgba = "OfxImageComponentRGBA";
const char* const rgb = "OfxImageComponentRGB";
const char* const alpha = "OfxImageComponentAlpha";
const char* const byte = "OfxBitDepthByte";
const char* const word = "OfxBitDepthShort";
const char* const half = "OfxBitDepthHalf";
const char* const real = "OfxBitDepthFloat";
const char* const filter = "OfxImageEffectContextFilter";
const char* const general = "OfxImageEffectContextGeneral";
const char* const generator = "OfxImageEffectContextGenerator";
const char* const transition = "OfxImageEffectContextTransition";
const char* const retimer = "OfxImageEffectContextRetimer";

Profile resolve() {
    Profile p{"resolve", "DaVinciResolve", "DaVinci Resolve"};
    p.contexts = {filter, general, generator, transition};
    p.components = {rgba, alpha};
    p.depths = {real, word, byte};
    p.tiles = p.resolutions = false;
    p.persistent = p.time_line = false;
    p.description = false;
    p.always_connected = true;
    p.both_ranges = true;
    p.integer_vectors = p.parameter_copy = false;
    p.animates_choices = false;
    return p;
}

Profile nuke() {
    Profile p{"nuke", "uk.co.thefoundry.nuke", "nuke"};
    p.api = {1, 2};
    p.contexts = {filter, general};
    p.components = {rgba, alpha};
    p.depths = {real};
    p.fixed_choices = p.fixed_secrets = true;
    return p;
}

Profile natron() {
    Profile p{"natron", "fr.inria.Natron", "Natron"};
    p.contexts = {filter, general, generator, transition, retimer};
    p.components = {rgba, rgb, alpha};
    p.depths = {real, word, byte};
    p.clip_depths = p.animates_strings = true;
    return p;
}

Profile plain() {
    Profile p{"plain-1.5", "org.example.plain", "Plain"};
    p.api = {1, 5};
    p.contexts = {filter, general, generator, transition, retimer};
    p.components = {rgba, rgb, alpha};
    p.depths = {real, half, word, byte};
    p.clip_depths = p.string_choice = p.animates_strings = p.colour = true;
    return p;
}

Profile cuda() {
    Profile p = plain();
    p.name = "cuda";
    p.cuda = true;
    return p;
}

// What no host should do and some do: nothing beyond the three suites without which there are no effects.
Profile bare() {
    Profile p{"bare", "org.example.bare", "Bare"};
    p.api = {1, 0};
    p.contexts = {filter};
    p.components = {rgba};
    p.depths = {real};
    p.tiles = p.resolutions = p.temporal = false;
    p.message2 = p.persistent = p.progress = p.time_line = false;
    p.description = false;
    return p;
}

const std::vector<Profile>& all() {
    static const std::vector<Profile> profiles{resolve(), nuke(), natron(), plain(), bare(), cuda()};
    return profiles;
}

}  // namespace

const Profile& profile_of(const std::string& name) {
    for (const Profile& one : all()) {
        if (one.name == name) return one;
    }
    std::string names;
    for (const std::string& one : profile_names()) names += " " + one;
    throw std::invalid_argument("no profile " + name + "; there are" + names);
}

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (const Profile& one : all()) names.push_back(one.name);
    return names;
}

}  // namespace host
