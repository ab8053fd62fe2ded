#include "check_description.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "effect.hpp"
#include "report.hpp"
#include "schema.hpp"

namespace host {
namespace {

using Texts = std::vector<std::string>;

bool has(const Texts& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

// Values of properties that are one of a list.
const std::map<std::string, Texts>& choices() {
    static const Texts gpu{"true", "false", "needed"},
        depths{"OfxBitDepthNone", "OfxBitDepthByte", "OfxBitDepthShort", "OfxBitDepthHalf", "OfxBitDepthFloat"};
    static const std::map<std::string, Texts> all{
        {"OfxImageEffectPropSupportedContexts",
         {"OfxImageEffectContextGenerator", "OfxImageEffectContextFilter", "OfxImageEffectContextTransition",
          "OfxImageEffectContextPaint", "OfxImageEffectContextGeneral", "OfxImageEffectContextRetimer"}},
        {"OfxImageEffectPropSupportedPixelDepths", depths},
        {"OfxOpenGLPropPixelDepth", depths},
        {"OfxImageEffectPropSupportedComponents",
         {"OfxImageComponentNone", "OfxImageComponentRGBA", "OfxImageComponentRGB", "OfxImageComponentAlpha"}},
        {"OfxImageEffectPluginRenderThreadSafety",
         {"OfxImageEffectRenderUnsafe", "OfxImageEffectRenderInstanceSafe", "OfxImageEffectRenderFullySafe"}},
        {"OfxImageEffectPropCPURenderSupported", {"true", "false"}},
        {"OfxImageEffectPropNoSpatialAwareness", {"true", "false", ""}},
        {"OfxImageEffectPropOpenGLRenderSupported", gpu},
        {"OfxImageEffectPropCudaRenderSupported", gpu},
        {"OfxImageEffectPropCudaStreamSupported", {"true", "false"}},
        {"OfxImageEffectPropMetalRenderSupported", gpu},
        {"OfxImageEffectPropOpenCLRenderSupported", gpu},
        {"OfxImageEffectPropColourManagementStyle",
         {"OfxImageEffectColourManagementNone", "OfxImageEffectColourManagementBasic",
          "OfxImageEffectColourManagementCore", "OfxImageEffectColourManagementFull",
          "OfxImageEffectColourManagementOCIO"}},
        {"OfxImageClipPropFieldExtraction",
         {"OfxFieldNone", "OfxFieldBoth", "OfxFieldLower", "OfxFieldUpper", "OfxFieldSingle", "OfxFieldDoubled"}},
        {"OfxParamPropCacheInvalidation",
         {"OfxParamInvalidateValueChange", "OfxParamInvalidateValueChangeToEnd", "OfxParamInvalidateAll"}},
        {"OfxParamPropStringMode",
         {"OfxParamStringIsSingleLine", "OfxParamStringIsMultiLine", "OfxParamStringIsFilePath",
          "OfxParamStringIsDirectoryPath", "OfxParamStringIsLabel", "OfxParamStringIsRichTextFormat"}},
        {"OfxParamPropDoubleType",
         {"OfxParamDoubleTypePlain", "OfxParamDoubleTypeScale", "OfxParamDoubleTypeAngle", "OfxParamDoubleTypeTime",
          "OfxParamDoubleTypeAbsoluteTime", "OfxParamDoubleTypeX", "OfxParamDoubleTypeY", "OfxParamDoubleTypeXAbsolute",
          "OfxParamDoubleTypeYAbsolute", "OfxParamDoubleTypeXY", "OfxParamDoubleTypeXYAbsolute"}}};
    return all;
}

void check_values(const PropertySet& set) {
    for (const auto& [name, entry] : set.entries()) {
        const auto of = choices().find(name);
        if (of == choices().end() || !entry.touched) continue;
        for (const std::string& value : set.texts(name)) {
            if (!has(of->second, value))
                report().violation(name + " of " + set.what() + " has the value '" + value + "', which is none");
        }
    }
}

template <class T>
bool ordered(const PropertySet& set, const char* low, const char* high) {
    const auto& a = set.find(low)->values;
    const auto& b = set.find(high)->values;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::get<T>(a[i]) > std::get<T>(b[i])) return false;
    }
    return true;
}

void check_range(const Parameter& parameter, const Profile& profile) {
    const PropertySet& set = parameter.properties();
    if (!set.has("OfxParamPropMin")) return;
    const std::string& name = parameter.name();
    const bool range = set.touched("OfxParamPropMin") && set.touched("OfxParamPropMax");
    const bool display = set.touched("OfxParamPropDisplayMin") && set.touched("OfxParamPropDisplayMax");
    const bool scalar =
        parameter.type() == "OfxParamTypeInteger" || parameter.type().rfind("OfxParamTypeDouble", 0) == 0;
    if (profile.both_ranges && scalar && !(range && display)) {
        report().violation("parameter " + name + " has no range or no display range, and this host needs both");
    }
    const bool whole = is_whole(parameter.type());
    const auto in_order = whole ? ordered<int> : ordered<double>;
    if (!in_order(set, "OfxParamPropMin", "OfxParamPropMax") ||
        !in_order(set, "OfxParamPropDisplayMin", "OfxParamPropDisplayMax")) {
        report().violation("the range of parameter " + name + " is empty");
    }
    if (!in_order(set, "OfxParamPropMin", "OfxParamPropDefault") ||
        !in_order(set, "OfxParamPropDefault", "OfxParamPropMax")) {
        report().violation("the default of parameter " + name + " is outside its range");
    }
}

void check_parameter(Effect& effect, const Parameter& parameter) {
    const PropertySet& set = parameter.properties();
    const std::string& name = parameter.name();
    check_values(set);
    check_range(parameter, effect.profile());
    if (parameter.type() == "OfxParamTypeChoice") {
        const auto options = set.texts("OfxParamPropChoiceOption");
        const int chosen = set.integer("OfxParamPropDefault");
        if (options.empty()) report().violation("choice " + name + " has no options");
        else if (chosen < 0 || chosen >= static_cast<int>(options.size())) {
            report().violation("the default of choice " + name + " is none of its options");
        }
        if (std::set<std::string>(options.begin(), options.end()).size() != options.size()) {
            report().violation("choice " + name + " has an option twice");
        }
    }
    const std::string parent = set.text("OfxParamPropParent");
    if (!parent.empty()) {
        const Parameter* group = effect.parameters().find(parent);
        if (group == nullptr) report().violation("parameter " + name + " has a parent that is not defined: " + parent);
        else if (group->type() != "OfxParamTypeGroup")
            report().violation("the parent of parameter " + name + " is no group");
    }
    if (parameter.type() == "OfxParamTypePage") {
        for (const std::string& child : set.texts("OfxParamPropPageChild")) {
            if (child != "OfxParamPageSkipRow" && child != "OfxParamPageSkipColumn" &&
                effect.parameters().find(child) == nullptr) {
                report().violation("page " + name + " has a child that is not defined: " + child);
            }
        }
    }
}

void need_clip(Effect& effect, const char* name) {
    const Clip* clip = effect.clip(name);
    if (clip == nullptr) report().violation(std::string("context ") + effect.context + " needs clip " + name);
}

}  // namespace

void check_description(Effect& description) {
    const PropertySet& set = description.properties();
    const Blame blame("Description");
    check_values(set);
    if (set.texts("OfxImageEffectPropSupportedContexts").empty()) report().violation("no context is supported");
    if (set.texts("OfxImageEffectPropSupportedPixelDepths").empty())
        report().violation("no depth of pixels is supported");
    if (set.text("OfxPropLabel").empty()) report().violation("the effect has no label");
    if (set.text("OfxImageEffectPluginPropGrouping").empty()) report().violation("the effect has no group");
}

void check_in_context(Effect& description) {
    const Blame blame("Description of " + description.context);
    need_clip(description, "Output");
    if (description.context == "OfxImageEffectContextFilter" || description.context == "OfxImageEffectContextRetimer") {
        need_clip(description, "Source");
    }
    if (description.context == "OfxImageEffectContextTransition") {
        need_clip(description, "SourceFrom");
        need_clip(description, "SourceTo");
    }
    for (const auto& clip : description.clips()) {
        check_values(*clip->properties);
        const auto components = clip->properties->texts("OfxImageEffectPropSupportedComponents");
        if (components.empty()) report().violation("clip " + clip->name() + " supports no components");
        if (clip->output() && clip->properties->integer("OfxImageClipPropOptional") != 0) {
            report().violation("the output is optional");
        }
    }
    for (const auto& parameter : description.parameters().all()) check_parameter(description, *parameter);
    for (const std::string& name : description.properties().texts("OfxImageEffectPropClipPreferencesSlaveParam")) {
        if (description.parameters().find(name) == nullptr)
            report().violation("clip preferences follow a parameter that is not defined: " + name);
    }
}

}  // namespace host
