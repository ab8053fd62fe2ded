// The properties of parameters, by type.
#include <limits>
#include <map>
#include <set>

#include "schema.hpp"

namespace host {
namespace {

struct Shape {
    int numbers;
    char of;  // i: ints, d: doubles, s: text, -: nothing
};

const std::map<std::string, Shape> shapes{
    {"OfxParamTypeInteger", {1, 'i'}},   {"OfxParamTypeInteger2D", {2, 'i'}}, {"OfxParamTypeInteger3D", {3, 'i'}},
    {"OfxParamTypeDouble", {1, 'd'}},    {"OfxParamTypeDouble2D", {2, 'd'}},  {"OfxParamTypeDouble3D", {3, 'd'}},
    {"OfxParamTypeRGB", {3, 'd'}},       {"OfxParamTypeRGBA", {4, 'd'}},      {"OfxParamTypeBoolean", {1, 'i'}},
    {"OfxParamTypeChoice", {1, 'i'}},    {"OfxParamTypeStrChoice", {0, 's'}}, {"OfxParamTypeString", {0, 's'}},
    {"OfxParamTypeCustom", {0, 's'}},    {"OfxParamTypeGroup", {0, '-'}},     {"OfxParamTypePage", {0, '-'}},
    {"OfxParamTypePushButton", {0, '-'}}};

Shape shape_of(const std::string& type) {
    const auto at = shapes.find(type);
    return at == shapes.end() ? Shape{0, '-'} : at->second;
}

bool has_range(const std::string& type) {
    return type.find("Integer") != std::string::npos || type.find("Double") != std::string::npos ||
           type.find("RGB") != std::string::npos;
}

}  // namespace

int numbers_of(const std::string& type) { return shape_of(type).numbers; }
bool is_whole(const std::string& type) { return shape_of(type).of == 'i'; }
bool is_real(const std::string& type) { return shape_of(type).of == 'd'; }
bool is_text(const std::string& type) { return shape_of(type).of == 's'; }

bool fill_parameter(PropertySet& set, const std::string& type, const std::string& name, const Profile& profile) {
    if (shapes.count(type) == 0 || (type == "OfxParamTypeStrChoice" && !profile.string_choice)) return false;
    const Shape shape = shape_of(type);
    fill(set,
         "OfxPropType OfxPropName OfxPropLabel OfxPropShortLabel OfxPropLongLabel OfxPropIcon OfxParamPropType "
         "OfxParamPropSecret OfxParamPropHint OfxParamPropScriptName OfxParamPropParent OfxParamPropEnabled "
         "OfxParamPropDataPtr");
    const bool button = type == "OfxParamTypePushButton";
    if (shape.of != '-' || button) {
        fill(set,
             "OfxParamPropInteractV1 OfxParamPropInteractSize OfxParamPropInteractSizeAspect "
             "OfxParamPropInteractMinimumSize OfxParamPropInteractPreferedSize OfxParamPropHasHostOverlayHandle "
             "kOfxParamPropUseHostOverlayHandle");
    }
    if (shape.of != '-') {
        fill(set,
             "OfxParamPropAnimates OfxParamPropIsAnimating OfxParamPropIsAutoKeying OfxParamPropPersistant "
             "OfxParamPropEvaluateOnChange OfxParamPropPluginMayWrite OfxParamPropCacheInvalidation "
             "OfxParamPropCanUndo");
        set.add("OfxParamPropDefault", {shape.of == 'i'   ? Type::integer
                                        : shape.of == 'd' ? Type::real
                                                          : Type::string,
                                        shape.of == 's' ? 1 : shape.numbers});
        set.put("OfxParamPropAnimates", type == "OfxParamTypeString" || type == "OfxParamTypeCustom" ? 0 : 1);
        set.put("OfxParamPropPersistant", 1);
        set.put("OfxParamPropEvaluateOnChange", 1);
        set.put("OfxParamPropCanUndo", 1);
        set.put("OfxParamPropCacheInvalidation", "OfxParamInvalidateValueChange");
    }
    if (has_range(type)) {
        for (const char* bound :
             {"OfxParamPropMin", "OfxParamPropMax", "OfxParamPropDisplayMin", "OfxParamPropDisplayMax"}) {
            set.add(bound, {shape.of == 'i' ? Type::integer : Type::real, shape.numbers});
        }
        const auto count = static_cast<std::size_t>(shape.numbers);
        const bool whole = shape.of == 'i';
        const auto put = [&](const char* bound, int whole_number, double number) {
            std::vector<Value> values;
            for (std::size_t i = 0; i < count; ++i) {
                if (whole) values.emplace_back(whole_number);
                else values.emplace_back(number);
            }
            set.put(bound, std::move(values));
        };
        for (const char* bound : {"OfxParamPropMin", "OfxParamPropDisplayMin"}) {
            put(bound, std::numeric_limits<int>::min(), std::numeric_limits<double>::lowest());
        }
        for (const char* bound : {"OfxParamPropMax", "OfxParamPropDisplayMax"}) {
            put(bound, std::numeric_limits<int>::max(), std::numeric_limits<double>::max());
        }
    }
    if (type.find("Double") != std::string::npos) {
        fill(set,
             "OfxParamPropIncrement OfxParamPropDigits OfxParamPropDoubleType OfxParamPropDefaultCoordinateSystem");
        if (shape.numbers == 1) fill(set, "OfxParamPropShowTimeMarker");
        set.put("OfxParamPropDoubleType", "OfxParamDoubleTypePlain");
        set.put("OfxParamPropDefaultCoordinateSystem", "OfxParamCoordinatesCanonical");
        set.put("OfxParamPropIncrement", 1.0);
        set.put("OfxParamPropDigits", 2);
    }
    if (shape.numbers > 1) set.add("OfxParamPropDimensionLabel", {Type::string, shape.numbers});
    if (type == "OfxParamTypeChoice") fill(set, "OfxParamPropChoiceOption OfxParamPropChoiceOrder");
    if (type == "OfxParamTypeStrChoice")
        fill(set, "OfxParamPropChoiceOption OfxParamPropChoiceOrder OfxParamPropChoiceEnum");
    if (type == "OfxParamTypeString") {
        fill(set, "OfxParamPropStringMode OfxParamPropStringFilePathExists");
        set.put("OfxParamPropStringMode", "OfxParamStringIsSingleLine");
        set.put("OfxParamPropStringFilePathExists", 1);
    }
    if (type == "OfxParamTypeCustom") fill(set, "OfxParamPropCustomCallbackV1");
    if (type == "OfxParamTypeGroup") {
        fill(set, "OfxParamPropGroupOpen");
        set.put("OfxParamPropGroupOpen", 1);
    }
    if (type == "OfxParamTypePage") fill(set, "OfxParamPropPageChild");
    if (profile.api < std::pair(1, 5) && set.has("OfxParamPropChoiceOrder")) set.put_absent("OfxParamPropChoiceOrder");
    set.put("OfxPropType", "OfxTypeParameter");
    set.put("OfxPropName", name);
    set.put("OfxPropLabel", name);
    set.put("OfxParamPropScriptName", name);
    set.put("OfxParamPropType", type);
    set.put("OfxParamPropEnabled", 1);
    for (const char* fixed : {"OfxPropType", "OfxPropName", "OfxParamPropType"}) set.find(fixed)->rule.written = false;
    for (const char* fixed :
         {"OfxParamPropIsAnimating", "OfxParamPropIsAutoKeying", "OfxParamPropHasHostOverlayHandle"}) {
        if (set.has(fixed)) set.find(fixed)->rule.written = false;
    }
    return true;
}

bool parameter_instance_may_write(const std::string& name) {
    static const std::set<std::string> own{"OfxPropLabel",
                                           "OfxPropShortLabel",
                                           "OfxPropLongLabel",
                                           "OfxPropIcon",
                                           "OfxParamPropSecret",
                                           "OfxParamPropHint",
                                           "OfxParamPropEnabled",
                                           "OfxParamPropDataPtr",
                                           "OfxParamPropMin",
                                           "OfxParamPropMax",
                                           "OfxParamPropDisplayMin",
                                           "OfxParamPropDisplayMax",
                                           "OfxParamPropIncrement",
                                           "OfxParamPropDigits",
                                           "OfxParamPropDefault",
                                           "OfxParamPropChoiceOption",
                                           "OfxParamPropChoiceEnum",
                                           "OfxParamPropChoiceOrder",
                                           "OfxParamPropEvaluateOnChange",
                                           "OfxParamPropGroupOpen",
                                           "OfxParamPropPluginMayWrite"};
    return own.count(name) > 0;
}

}  // namespace host
