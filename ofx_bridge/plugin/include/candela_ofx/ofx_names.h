// The strings of the OpenFX interface: suites, actions, properties and their values. See ofx_abi.h.
#pragma once

namespace ofx {

// Suites and the API.
inline constexpr char image_effect_api[] = "OfxImageEffectPluginAPI";
inline constexpr int image_effect_api_version = 1;
inline constexpr char property_suite[] = "OfxPropertySuite", parameter_suite[] = "OfxParameterSuite",
                      image_effect_suite[] = "OfxImageEffectSuite", multi_thread_suite[] = "OfxMultiThreadSuite",
                      message_suite[] = "OfxMessageSuite";

namespace action {
inline constexpr char load[] = "OfxActionLoad", unload[] = "OfxActionUnload", describe[] = "OfxActionDescribe",
                      describe_in_context[] = "OfxImageEffectActionDescribeInContext",
                      create_instance[] = "OfxActionCreateInstance", destroy_instance[] = "OfxActionDestroyInstance",
                      instance_changed[] = "OfxActionInstanceChanged", purge_caches[] = "OfxActionPurgeCaches",
                      clip_preferences[] = "OfxImageEffectActionGetClipPreferences",
                      is_identity[] = "OfxImageEffectActionIsIdentity",
                      region_of_definition[] = "OfxImageEffectActionGetRegionOfDefinition",
                      regions_of_interest[] = "OfxImageEffectActionGetRegionsOfInterest",
                      begin_sequence[] = "OfxImageEffectActionBeginSequenceRender",
                      render[] = "OfxImageEffectActionRender",
                      output_colourspace[] = "OfxImageEffectActionGetOutputColourspace";
}  // namespace action

namespace prop {
inline constexpr char label[] = "OfxPropLabel", short_label[] = "OfxPropShortLabel", long_label[] = "OfxPropLongLabel",
                      name[] = "OfxPropName", time[] = "OfxPropTime", api_version[] = "OfxPropAPIVersion",
                      description[] = "OfxPropPluginDescription", file_path[] = "OfxPluginPropFilePath",
                      instance_data[] = "OfxPropInstanceData", change_reason[] = "OfxPropChangeReason",
                      type[] = "OfxPropType";
// Of effects.
inline constexpr char grouping[] = "OfxImageEffectPluginPropGrouping", contexts[] = "OfxImageEffectPropSupportedContexts",
                      context[] = "OfxImageEffectPropContext", pixel_depths[] = "OfxImageEffectPropSupportedPixelDepths",
                      components[] = "OfxImageEffectPropSupportedComponents",
                      single_instance[] = "OfxImageEffectPluginPropSingleInstance",
                      thread_safety[] = "OfxImageEffectPluginRenderThreadSafety",
                      frame_threading[] = "OfxImageEffectPluginPropHostFrameThreading",
                      tiles[] = "OfxImageEffectPropSupportsTiles",
                      multi_resolution[] = "OfxImageEffectPropSupportsMultiResolution",
                      temporal_access[] = "OfxImageEffectPropTemporalClipAccess",
                      multiple_depths[] = "OfxImageEffectPropMultipleClipDepths",
                      multiple_pars[] = "OfxImageEffectPropSupportsMultipleClipPARs",
                      frame_varying[] = "OfxImageEffectFrameVarying",
                      no_spatial_awareness[] = "OfxImageEffectPropNoSpatialAwareness",
                      cpu_render[] = "OfxImageEffectPropCPURenderSupported",
                      render_scale[] = "OfxImageEffectPropRenderScale", render_window[] = "OfxImageEffectPropRenderWindow",
                      region_of_definition[] = "OfxImageEffectPropRegionOfDefinition",
                      region_of_interest[] = "OfxImageEffectPropRegionOfInterest",
                      roi_of_source[] = "OfxImageClipPropRoI_Source", frame_range[] = "OfxImageEffectPropFrameRange",
                      project_size[] = "OfxImageEffectPropProjectSize", project_offset[] = "OfxImageEffectPropProjectOffset",
                      field_extraction[] = "OfxImageClipPropFieldExtraction";
// Of clips and images.
inline constexpr char connected[] = "OfxImageClipPropConnected", optional[] = "OfxImageClipPropOptional",
                      pixel_depth[] = "OfxImageEffectPropPixelDepth", image_components[] = "OfxImageEffectPropComponents",
                      premultiplication[] = "OfxImageEffectPropPreMultiplication", data[] = "OfxImagePropData",
                      bounds[] = "OfxImagePropBounds", image_rod[] = "OfxImagePropRegionOfDefinition",
                      row_bytes[] = "OfxImagePropRowBytes", pixel_aspect[] = "OfxImagePropPixelAspectRatio",
                      unique_name[] = "OfxImagePropUniqueIdentifier",
                      unmapped_depth[] = "OfxImageClipPropUnmappedPixelDepth";
// Of CUDA.
inline constexpr char cuda_supported[] = "OfxImageEffectPropCudaRenderSupported",
                      cuda_stream_supported[] = "OfxImageEffectPropCudaStreamSupported",
                      cuda_enabled[] = "OfxImageEffectPropCudaEnabled", cuda_stream[] = "OfxImageEffectPropCudaStream";
// Of colour management, API 1.5.
inline constexpr char colour_style[] = "OfxImageEffectPropColourManagementStyle",
                      colour_configs[] = "OfxImageEffectPropColourManagementAvailableConfigs",
                      colour_config[] = "OfxImageEffectPropColourManagementConfig",
                      colourspace[] = "OfxImageClipPropColourspace",
                      preferred_colourspaces[] = "OfxImageClipPropPreferredColourspaces";
// Of parameters.
inline constexpr char animates[] = "OfxParamPropAnimates", hint[] = "OfxParamPropHint", parent[] = "OfxParamPropParent",
                      default_value[] = "OfxParamPropDefault", min[] = "OfxParamPropMin", max[] = "OfxParamPropMax",
                      display_min[] = "OfxParamPropDisplayMin", display_max[] = "OfxParamPropDisplayMax",
                      increment[] = "OfxParamPropIncrement", digits[] = "OfxParamPropDigits",
                      double_type[] = "OfxParamPropDoubleType", choice_option[] = "OfxParamPropChoiceOption",
                      string_mode[] = "OfxParamPropStringMode", file_exists[] = "OfxParamPropStringFilePathExists",
                      group_open[] = "OfxParamPropGroupOpen", page_child[] = "OfxParamPropPageChild",
                      enabled[] = "OfxParamPropEnabled", evaluate_on_change[] = "OfxParamPropEvaluateOnChange";
}  // namespace prop

namespace value {
inline constexpr char filter[] = "OfxImageEffectContextFilter", general[] = "OfxImageEffectContextGeneral",
                      bytes[] = "OfxBitDepthByte", shorts[] = "OfxBitDepthShort", halves[] = "OfxBitDepthHalf",
                      floats[] = "OfxBitDepthFloat", rgba[] = "OfxImageComponentRGBA", rgb[] = "OfxImageComponentRGB",
                      fully_safe[] = "OfxImageEffectRenderFullySafe", premultiplied[] = "OfxImageAlphaPremultiplied",
                      unpremultiplied[] = "OfxImageAlphaUnPremultiplied", opaque[] = "OfxImageOpaque",
                      field_both[] = "OfxFieldBoth", source[] = "Source", output[] = "Output",
                      message_error[] = "OfxMessageError", message_warning[] = "OfxMessageWarning",
                      yes[] = "true", no[] = "false", file[] = "OfxParamStringIsFilePath",
                      parameter[] = "OfxTypeParameter", multi_line[] = "OfxParamStringIsMultiLine",
                      single_line[] = "OfxParamStringIsSingleLine", plain_double[] = "OfxParamDoubleTypePlain",
                      scale_double[] = "OfxParamDoubleTypeScale", colour_none[] = "OfxImageEffectColourManagementNone",
                      colour_basic[] = "OfxImageEffectColourManagementBasic",
                      colour_core[] = "OfxImageEffectColourManagementCore", colour_full[] = "OfxImageEffectColourManagementFull",
                      native_config[] = "ofx-native-v1.5_aces-v1.3_ocio-v2.3";
}  // namespace value

namespace type {
inline constexpr char integer[] = "OfxParamTypeInteger", real[] = "OfxParamTypeDouble", boolean[] = "OfxParamTypeBoolean",
                      choice[] = "OfxParamTypeChoice", string[] = "OfxParamTypeString", group[] = "OfxParamTypeGroup",
                      page[] = "OfxParamTypePage";
}  // namespace type

}  // namespace ofx
