#include "schema.hpp"

#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace host {
namespace {

struct Names {
    Type type;
    int dimension;
    const char* names;
};

// Types and sizes, as the documentation of each property states them.
const Names definitions[] = {
    {Type::pointer, 1,
     "OfxImageEffectPluginPropOverlayInteractV1 OfxImageEffectPluginPropOverlayInteractV2 OfxImageEffectPropCudaStream "
     "OfxImageEffectPropMetalCommandQueue OfxImageEffectPropOpenCLCommandQueue OfxImageEffectPropOpenCLImage "
     "OfxImageEffectPropPluginHandle OfxImagePropData OfxParamPropCustomCallbackV1 OfxParamPropDataPtr "
     "OfxParamPropInteractV1 OfxPropEffectInstance OfxPropHostOSHandle OfxPropInstanceData"},
    {Type::string, 0,
     "OfxImageClipPropPreferredColourspaces OfxImageEffectPropClipPreferencesSlaveParam "
     "OfxImageEffectPropColourManagementAvailableConfigs OfxImageEffectPropSupportedComponents "
     "OfxImageEffectPropSupportedContexts OfxImageEffectPropSupportedPixelDepths OfxOpenGLPropPixelDepth "
     "OfxParamPropChoiceOption OfxParamPropChoiceEnum OfxParamPropPageChild OfxPluginPropParamPageOrder"},
    {Type::string, 1,
     "OfxImageClipPropColourspace OfxImageClipPropFieldExtraction OfxImageClipPropFieldOrder "
     "OfxImageClipPropUnmappedComponents OfxImageClipPropUnmappedPixelDepth OfxImageEffectHostPropNativeOrigin "
     "OfxImageEffectPluginPropGrouping OfxImageEffectPluginRenderThreadSafety OfxImageEffectPropCPURenderSupported "
     "OfxImageEffectPropColourManagementConfig OfxImageEffectPropColourManagementStyle OfxImageEffectPropComponents "
     "OfxImageEffectPropContext OfxImageEffectPropCudaRenderSupported OfxImageEffectPropCudaStreamSupported "
     "OfxImageEffectPropDisplayColourspace OfxImageEffectPropFieldToRender OfxImageEffectPropMetalRenderSupported "
     "OfxImageEffectPropNoSpatialAwareness OfxImageEffectPropOCIOConfig OfxImageEffectPropOCIODisplay "
     "OfxImageEffectPropOCIOView OfxImageEffectPropOpenCLRenderSupported OfxImageEffectPropOpenCLSupported "
     "OfxImageEffectPropOpenGLRenderSupported OfxImageEffectPropPixelDepth OfxImageEffectPropPreMultiplication "
     "OfxImageEffectPropThumbnailRender OfxImagePropField OfxImagePropUniqueIdentifier OfxParamPropCacheInvalidation "
     "OfxParamPropDefaultCoordinateSystem OfxParamPropDimensionLabel OfxParamPropDoubleType OfxParamPropHint "
     "OfxParamPropParent OfxParamPropScriptName OfxParamPropStringMode OfxParamPropType OfxPluginPropFilePath "
     "OfxPropChangeReason OfxPropLabel OfxPropLongLabel OfxPropName OfxPropPluginDescription OfxPropShortLabel "
     "OfxPropType OfxPropVersionLabel"},
    {Type::string, 2, "OfxPropIcon OfxParamPropCustomValue"},
    {Type::real, 1,
     "OfxImageEffectInstancePropEffectDuration OfxImageEffectPropFrameRate OfxImageEffectPropFrameStep "
     "OfxImageEffectPropPixelAspectRatio OfxImageEffectPropUnmappedFrameRate OfxImagePropPixelAspectRatio "
     "OfxParamPropIncrement OfxParamPropInteractSizeAspect OfxPropTime"},
    {Type::real, 2,
     "OfxImageEffectPropFrameRange OfxImageEffectPropProjectExtent OfxImageEffectPropProjectOffset "
     "OfxImageEffectPropProjectSize OfxImageEffectPropRenderScale OfxImageEffectPropUnmappedFrameRange "
     "OfxParamPropInteractMinimumSize OfxParamPropInteractSize"},
    {Type::real, 4, "OfxImageEffectPropRegionOfDefinition OfxImageEffectPropRegionOfInterest"},
    {Type::integer, 0, "OfxPropAPIVersion OfxPropVersion OfxParamPropChoiceOrder"},
    {Type::integer, 1,
     "OfxImageClipPropConnected OfxImageClipPropContinuousSamples OfxImageClipPropIsMask OfxImageClipPropOptional "
     "OfxImageEffectFrameVarying OfxImageEffectHostPropIsBackground OfxImageEffectInstancePropSequentialRender "
     "OfxImageEffectPluginPropFieldRenderTwiceAlways OfxImageEffectPluginPropHostFrameThreading "
     "OfxImageEffectPluginPropObsolete OfxImageEffectPluginPropSingleInstance OfxImageEffectPropCudaEnabled "
     "OfxImageEffectPropInteractiveRenderStatus OfxImageEffectPropMetalEnabled OfxImageEffectPropMultipleClipDepths "
     "OfxImageEffectPropOpenCLEnabled OfxImageEffectPropOpenGLEnabled OfxImageEffectPropRenderQualityDraft "
     "OfxImageEffectPropSequentialRenderStatus OfxImageEffectPropSetableFielding OfxImageEffectPropSetableFrameRate "
     "OfxImageEffectPropSupportsMultiResolution OfxImageEffectPropSupportsMultipleClipPARs "
     "OfxImageEffectPropSupportsOverlays OfxImageEffectPropSupportsTiles OfxImageEffectPropTemporalClipAccess "
     "OfxImagePropRowBytes OfxParamHostPropMaxPages OfxParamHostPropMaxParameters "
     "OfxParamHostPropSupportsBooleanAnimation OfxParamHostPropSupportsChoiceAnimation "
     "OfxParamHostPropSupportsCustomAnimation OfxParamHostPropSupportsCustomInteract "
     "OfxParamHostPropSupportsParametricAnimation OfxParamHostPropSupportsStrChoice "
     "OfxParamHostPropSupportsStrChoiceAnimation OfxParamHostPropSupportsStringAnimation OfxParamPropAnimates "
     "OfxParamPropCanUndo OfxParamPropDigits OfxParamPropEnabled OfxParamPropEvaluateOnChange OfxParamPropGroupOpen "
     "OfxParamPropHasHostOverlayHandle OfxParamPropIsAnimating OfxParamPropIsAutoKeying OfxParamPropPersistant "
     "OfxParamPropPluginMayWrite OfxParamPropSecret OfxParamPropShowTimeMarker OfxParamPropStringFilePathExists "
     "OfxPropIsInteractive OfxPropParamSetNeedsSyncing kOfxParamPropUseHostOverlayHandle"},
    {Type::integer, 2, "OfxParamHostPropPageRowColumnCount OfxParamPropInteractPreferedSize"},
    {Type::integer, 4, "OfxImageEffectPropRenderWindow OfxImagePropBounds OfxImagePropRegionOfDefinition"},
};

const char* const gpu =
    " OfxImageEffectPropOpenGLRenderSupported OfxImageEffectPropCudaRenderSupported "
    "OfxImageEffectPropCudaStreamSupported OfxImageEffectPropMetalRenderSupported "
    "OfxImageEffectPropOpenCLRenderSupported OfxImageEffectPropOpenCLSupported";
const char* const newer =  // of API 1.5
    "OfxImageEffectPropCPURenderSupported OfxImageEffectPropColourManagementAvailableConfigs "
    "OfxImageEffectPropColourManagementConfig OfxImageEffectPropColourManagementStyle OfxImageEffectPropOCIOConfig "
    "OfxImageEffectPropOCIODisplay OfxImageEffectPropOCIOView OfxImageEffectPropDisplayColourspace "
    "OfxImageEffectPropNoSpatialAwareness OfxImageEffectPropCudaRenderSupported OfxImageEffectPropCudaStreamSupported "
    "OfxImageEffectPropMetalRenderSupported OfxImageEffectPropOpenCLRenderSupported OfxImageEffectPropOpenCLSupported "
    "OfxParamHostPropSupportsStrChoice OfxParamHostPropSupportsStrChoiceAnimation OfxImageClipPropColourspace "
    "OfxImageClipPropPreferredColourspaces OfxParamPropChoiceOrder";
const char* const labels = "OfxPropType OfxPropName OfxPropLabel OfxPropShortLabel OfxPropLongLabel ";

std::vector<std::string> split(const std::string& names) {
    std::istringstream in(names);
    std::vector<std::string> all;
    for (std::string name; in >> name;) all.push_back(name);
    return all;
}

Rule rule_of(const std::string& name) {
    static const auto rules = [] {
        std::map<std::string, Rule> all;
        for (const Names& row : definitions) {
            for (const std::string& one : split(row.names)) all[one] = {row.type, row.dimension};
        }
        return all;
    }();
    const auto at = rules.find(name);
    if (at == rules.end()) throw std::logic_error("no such property: " + name);
    return at->second;
}

void hide_newer(PropertySet& set, const Profile& profile) {
    if (profile.api >= std::pair(1, 5)) return;
    for (const std::string& name : split(newer)) {
        if (set.has(name)) set.put_absent(name);
    }
}

void forbid(PropertySet& set, const std::string& names) {
    for (const std::string& name : split(names)) set.find(name)->rule.written = false;
}

}  // namespace

void fill(PropertySet& set, const std::string& names) {
    for (const std::string& name : split(names)) set.add(name, rule_of(name));
}

void fill_host(PropertySet& set, const Profile& profile) {
    fill(set,
         "OfxPropAPIVersion OfxPropType OfxPropName OfxPropLabel OfxPropVersion OfxPropVersionLabel "
         "OfxImageEffectHostPropIsBackground OfxImageEffectPropSupportsOverlays "
         "OfxImageEffectPropSupportsMultiResolution OfxImageEffectPropSupportsTiles "
         "OfxImageEffectPropTemporalClipAccess OfxImageEffectPropSupportedComponents "
         "OfxImageEffectPropSupportedContexts OfxImageEffectPropSupportedPixelDepths "
         "OfxImageEffectPropMultipleClipDepths OfxImageEffectPropSupportsMultipleClipPARs "
         "OfxImageEffectPropSetableFrameRate OfxImageEffectPropSetableFielding "
         "OfxParamHostPropSupportsCustomInteract OfxParamHostPropSupportsStringAnimation "
         "OfxParamHostPropSupportsChoiceAnimation OfxParamHostPropSupportsBooleanAnimation "
         "OfxParamHostPropSupportsCustomAnimation OfxParamHostPropSupportsStrChoice "
         "OfxParamHostPropSupportsStrChoiceAnimation OfxParamHostPropSupportsParametricAnimation "
         "OfxParamHostPropMaxParameters OfxParamHostPropMaxPages OfxParamHostPropPageRowColumnCount "
         "OfxPropHostOSHandle OfxImageEffectInstancePropSequentialRender OfxImageEffectPropRenderQualityDraft "
         "OfxImageEffectPropCPURenderSupported OfxImageEffectHostPropNativeOrigin "
         "OfxImageEffectPropColourManagementAvailableConfigs OfxImageEffectPropColourManagementStyle" +
             std::string(gpu));
    hide_newer(set, profile);
    set.protect([](const std::string&) { return false; });
}

void fill_effect_descriptor(PropertySet& set, const Profile& profile) {
    fill(set,
         "OfxPropType OfxPropLabel OfxPropShortLabel OfxPropLongLabel OfxPropVersion OfxPropVersionLabel OfxPropIcon "
         "OfxPropPluginDescription OfxImageEffectPropSupportedContexts OfxImageEffectPluginPropGrouping "
         "OfxImageEffectPluginPropObsolete OfxImageEffectPluginPropSingleInstance "
         "OfxImageEffectPluginRenderThreadSafety OfxImageEffectPluginPropHostFrameThreading "
         "OfxImageEffectPluginPropOverlayInteractV1 OfxImageEffectPluginPropOverlayInteractV2 "
         "OfxImageEffectPropSupportsMultiResolution OfxImageEffectPropSupportsTiles "
         "OfxImageEffectPropTemporalClipAccess OfxImageEffectPropSupportedPixelDepths "
         "OfxImageEffectPluginPropFieldRenderTwiceAlways OfxImageEffectPropMultipleClipDepths "
         "OfxImageEffectPropSupportsMultipleClipPARs OfxImageEffectPropClipPreferencesSlaveParam "
         "OfxImageEffectPropCPURenderSupported OfxPluginPropFilePath OfxOpenGLPropPixelDepth "
         "OfxImageEffectInstancePropSequentialRender OfxImageEffectPropColourManagementAvailableConfigs "
         "OfxImageEffectPropColourManagementStyle OfxImageEffectPropNoSpatialAwareness "
         // The property set of the parameters is the effect's own.
         "OfxPropParamSetNeedsSyncing OfxPluginPropParamPageOrder" +
             std::string(gpu));
    hide_newer(set, profile);
    if (!profile.description) set.put_absent("OfxPropPluginDescription");
    forbid(set, "OfxPropType OfxPluginPropFilePath");
    set.put("OfxPropType", "OfxTypeImageEffect");
    set.put("OfxImageEffectPluginRenderThreadSafety", "OfxImageEffectRenderInstanceSafe");
    set.put("OfxImageEffectPluginPropHostFrameThreading", 1);
    set.put("OfxImageEffectPropSupportsMultiResolution", 1);
    set.put("OfxImageEffectPropSupportsTiles", 1);
    set.put("OfxImageEffectPluginPropFieldRenderTwiceAlways", 1);
    set.put("OfxImageEffectPropColourManagementStyle", "OfxImageEffectColourManagementNone");
}

void fill_effect_instance(PropertySet& set, const Profile& profile) {
    fill(set,
         "OfxPropType OfxImageEffectPropContext OfxPropInstanceData OfxImageEffectPropProjectSize "
         "OfxImageEffectPropProjectOffset OfxImageEffectPropProjectExtent OfxImageEffectPropPixelAspectRatio "
         "OfxImageEffectInstancePropEffectDuration OfxImageEffectInstancePropSequentialRender "
         "OfxImageEffectPropSupportsTiles OfxImageEffectPropCPURenderSupported OfxImageEffectPropFrameRate "
         "OfxPropIsInteractive OfxImageEffectPropOCIOConfig OfxImageEffectPropOCIODisplay OfxImageEffectPropOCIOView "
         "OfxImageEffectPropColourManagementConfig OfxImageEffectPropColourManagementStyle "
         "OfxImageEffectPropDisplayColourspace OfxImageEffectPropPluginHandle OfxPropParamSetNeedsSyncing "
         "OfxImageEffectPropRenderQualityDraft OfxPluginPropParamPageOrder" +
             std::string(gpu));
    hide_newer(set, profile);
}

void fill_clip_descriptor(PropertySet& set, const std::string& name) {
    fill(set, labels + std::string("OfxImageEffectPropSupportedComponents OfxImageEffectPropTemporalClipAccess "
                                   "OfxImageClipPropOptional OfxImageClipPropFieldExtraction OfxImageClipPropIsMask "
                                   "OfxImageEffectPropSupportsTiles"));
    forbid(set, "OfxPropType OfxPropName");
    set.put("OfxPropType", "OfxTypeClip");
    set.put("OfxPropName", name);
    set.put("OfxPropLabel", name);
    set.put("OfxImageEffectPropSupportsTiles", 1);
    set.put("OfxImageClipPropFieldExtraction", "OfxFieldDoubled");
}

void fill_clip_instance(PropertySet& set, const Profile& profile) {
    fill(set, labels + std::string("OfxImageEffectPropSupportedComponents OfxImageEffectPropTemporalClipAccess "
                                   "OfxImageClipPropColourspace OfxImageClipPropPreferredColourspaces "
                                   "OfxImageClipPropOptional OfxImageClipPropFieldExtraction OfxImageClipPropIsMask "
                                   "OfxImageEffectPropSupportsTiles OfxImageEffectPropPixelDepth "
                                   "OfxImageEffectPropComponents OfxImageClipPropUnmappedPixelDepth "
                                   "OfxImageClipPropUnmappedComponents OfxImageEffectPropPreMultiplication "
                                   "OfxImagePropPixelAspectRatio OfxImageEffectPropFrameRate "
                                   "OfxImageEffectPropFrameRange OfxImageClipPropFieldOrder OfxImageClipPropConnected "
                                   "OfxImageEffectPropUnmappedFrameRange OfxImageEffectPropUnmappedFrameRate "
                                   "OfxImageClipPropContinuousSamples"));
    hide_newer(set, profile);
}

void fill_image(PropertySet& set) {
    fill(set,
         "OfxPropType OfxImageEffectPropPixelDepth OfxImageEffectPropComponents OfxImageEffectPropPreMultiplication "
         "OfxImageEffectPropRenderScale OfxImagePropPixelAspectRatio OfxImagePropData OfxImagePropBounds "
         "OfxImagePropRegionOfDefinition OfxImagePropRowBytes OfxImagePropField OfxImagePropUniqueIdentifier");
    set.protect([](const std::string&) { return false; });
}

void add_of_clip(PropertySet& set, const std::string& stem, const std::string& clip) {
    static const std::map<std::string, Rule> stems{{"OfxImageClipPropRoI_", {Type::real, 4}},
                                                   {"OfxImageClipPropFrameRange_", {Type::real, 0}},
                                                   {"OfxImageClipPropComponents_", {Type::string, 1}},
                                                   {"OfxImageClipPropDepth_", {Type::string, 1}},
                                                   {"OfxImageClipPropPAR_", {Type::real, 1}},
                                                   {"OfxImageClipPropPreferredColourspaces_", {Type::string, 0}}};
    set.add(stem + clip, stems.at(stem));
}

bool effect_instance_may_write(const std::string& name) {
    static const std::set<std::string> own{
        "OfxPropInstanceData", "OfxPropParamSetNeedsSyncing", "OfxImageEffectInstancePropSequentialRender",
        "OfxImageEffectPropSupportsTiles", "OfxImageEffectPropOpenGLRenderSupported"};
    return own.count(name) > 0;
}

bool clip_instance_may_write(const std::string& name) {
    (void)name;
    return false;
}

}  // namespace host
