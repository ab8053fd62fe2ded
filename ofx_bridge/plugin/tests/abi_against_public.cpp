// Our header of the interface against the public ones, which are not a part of the project. Nothing runs: compiling it is
// the test. c++ -std=c++20 -fsyntax-only -I../include -I$OPENFX/include abi_against_public.cpp
#include <cstring>
#include <string_view>
#include <type_traits>

#include "candela_ofx/ofx_abi.h"
#include "candela_ofx/ofx_names.h"
#include "ofxColour.h"
#include "ofxCore.h"
#include "ofxGPURender.h"
#include "ofxImageEffect.h"
#include "ofxMessage.h"
#include "ofxMultiThread.h"
#include "ofxParam.h"
#include "ofxProperty.h"

// A type of ours with the public handles in place of ours: signatures have to be equal but for these.
template <class T>
struct Public {
    using type = T;
};
#define HANDLE(ours, theirs) \
    template <>              \
    struct Public<ours> {    \
        using type = theirs; \
    }
HANDLE(ofx::PropertySet, OfxPropertySetHandle);
HANDLE(ofx::Effect, OfxImageEffectHandle);
HANDLE(ofx::ClipHandle, OfxImageClipHandle);
HANDLE(ofx::ImageMemoryHandle, OfxImageMemoryHandle);
HANDLE(ofx::Param, OfxParamHandle);
HANDLE(ofx::ParamSet, OfxParamSetHandle);
HANDLE(ofx::MutexHandle, OfxMutexHandle);
HANDLE(ofx::Host, OfxHost);
HANDLE(ofx::RectD, OfxRectD);
HANDLE(ofx::RangeD, OfxRangeD);
template <class T>
    requires(!std::is_const_v<T> && !std::is_function_v<T> && !std::is_same_v<T, ofx::PropertySetTag> &&
             !std::is_same_v<T, ofx::EffectTag> && !std::is_same_v<T, ofx::ClipTag> && !std::is_same_v<T, ofx::ParamTag> &&
             !std::is_same_v<T, ofx::ImageMemoryTag> && !std::is_same_v<T, ofx::ParamSetTag> && !std::is_same_v<T, ofx::MutexTag>)
struct Public<T*> {
    using type = typename Public<T>::type*;
};
template <class T>
    requires(!std::is_pointer_v<T>)
struct Public<const T*> {
    using type = const typename Public<T>::type*;
};
template <class R, class... A>
struct Public<R (*)(A...)> {
    using type = typename Public<R>::type (*)(typename Public<A>::type...);
};
template <class R, class... A>
struct Public<R (*)(A..., ...)> {
    using type = typename Public<R>::type (*)(typename Public<A>::type..., ...);
};

#define SAME(ours, theirs) static_assert(std::string_view(ofx::ours) == theirs)
#define PLACE(our_type, ours, their_type, theirs)                                                                          \
    static_assert(offsetof(our_type, ours) == offsetof(their_type, theirs));                                               \
    static_assert(std::is_same_v<Public<decltype(our_type::ours)>::type, std::remove_cv_t<decltype(their_type::theirs)>>)

static_assert(sizeof(ofx::RectI) == sizeof(OfxRectI) && sizeof(ofx::RectD) == sizeof(OfxRectD));
static_assert(ofx::ok == kOfxStatOK);
static_assert(ofx::failed == kOfxStatFailed);
static_assert(ofx::err_fatal == kOfxStatErrFatal);
static_assert(ofx::err_unknown == kOfxStatErrUnknown);
static_assert(ofx::err_missing_host_feature == kOfxStatErrMissingHostFeature);
static_assert(ofx::err_unsupported == kOfxStatErrUnsupported);
static_assert(ofx::err_exists == kOfxStatErrExists);
static_assert(ofx::err_format == kOfxStatErrFormat);
static_assert(ofx::err_memory == kOfxStatErrMemory);
static_assert(ofx::err_bad_handle == kOfxStatErrBadHandle);
static_assert(ofx::err_bad_index == kOfxStatErrBadIndex);
static_assert(ofx::err_value == kOfxStatErrValue);
static_assert(ofx::reply_yes == kOfxStatReplyYes);
static_assert(ofx::reply_no == kOfxStatReplyNo);
static_assert(ofx::reply_default == kOfxStatReplyDefault);
static_assert(ofx::err_image_format == kOfxStatErrImageFormat);
static_assert(ofx::gpu_out_of_memory == kOfxStatGPUOutOfMemory);
static_assert(ofx::gpu_render_failed == kOfxStatGPURenderFailed);

static_assert(sizeof(ofx::PropertySuiteV1) == sizeof(OfxPropertySuiteV1));
PLACE(ofx::PropertySuiteV1, set_pointer, OfxPropertySuiteV1, propSetPointer);
PLACE(ofx::PropertySuiteV1, set_string, OfxPropertySuiteV1, propSetString);
PLACE(ofx::PropertySuiteV1, set_double, OfxPropertySuiteV1, propSetDouble);
PLACE(ofx::PropertySuiteV1, set_int, OfxPropertySuiteV1, propSetInt);
PLACE(ofx::PropertySuiteV1, set_pointer_n, OfxPropertySuiteV1, propSetPointerN);
PLACE(ofx::PropertySuiteV1, set_string_n, OfxPropertySuiteV1, propSetStringN);
PLACE(ofx::PropertySuiteV1, set_double_n, OfxPropertySuiteV1, propSetDoubleN);
PLACE(ofx::PropertySuiteV1, set_int_n, OfxPropertySuiteV1, propSetIntN);
PLACE(ofx::PropertySuiteV1, get_pointer, OfxPropertySuiteV1, propGetPointer);
PLACE(ofx::PropertySuiteV1, get_string, OfxPropertySuiteV1, propGetString);
PLACE(ofx::PropertySuiteV1, get_double, OfxPropertySuiteV1, propGetDouble);
PLACE(ofx::PropertySuiteV1, get_int, OfxPropertySuiteV1, propGetInt);
PLACE(ofx::PropertySuiteV1, get_pointer_n, OfxPropertySuiteV1, propGetPointerN);
PLACE(ofx::PropertySuiteV1, get_string_n, OfxPropertySuiteV1, propGetStringN);
PLACE(ofx::PropertySuiteV1, get_double_n, OfxPropertySuiteV1, propGetDoubleN);
PLACE(ofx::PropertySuiteV1, get_int_n, OfxPropertySuiteV1, propGetIntN);
PLACE(ofx::PropertySuiteV1, reset, OfxPropertySuiteV1, propReset);
PLACE(ofx::PropertySuiteV1, get_dimension, OfxPropertySuiteV1, propGetDimension);
static_assert(sizeof(ofx::ParameterSuiteV1) == sizeof(OfxParameterSuiteV1));
PLACE(ofx::ParameterSuiteV1, define, OfxParameterSuiteV1, paramDefine);
PLACE(ofx::ParameterSuiteV1, get_handle, OfxParameterSuiteV1, paramGetHandle);
PLACE(ofx::ParameterSuiteV1, set_get_property_set, OfxParameterSuiteV1, paramSetGetPropertySet);
PLACE(ofx::ParameterSuiteV1, get_property_set, OfxParameterSuiteV1, paramGetPropertySet);
PLACE(ofx::ParameterSuiteV1, get_value, OfxParameterSuiteV1, paramGetValue);
PLACE(ofx::ParameterSuiteV1, get_value_at_time, OfxParameterSuiteV1, paramGetValueAtTime);
PLACE(ofx::ParameterSuiteV1, get_derivative, OfxParameterSuiteV1, paramGetDerivative);
PLACE(ofx::ParameterSuiteV1, get_integral, OfxParameterSuiteV1, paramGetIntegral);
PLACE(ofx::ParameterSuiteV1, set_value, OfxParameterSuiteV1, paramSetValue);
PLACE(ofx::ParameterSuiteV1, set_value_at_time, OfxParameterSuiteV1, paramSetValueAtTime);
PLACE(ofx::ParameterSuiteV1, get_num_keys, OfxParameterSuiteV1, paramGetNumKeys);
PLACE(ofx::ParameterSuiteV1, get_key_time, OfxParameterSuiteV1, paramGetKeyTime);
PLACE(ofx::ParameterSuiteV1, get_key_index, OfxParameterSuiteV1, paramGetKeyIndex);
PLACE(ofx::ParameterSuiteV1, delete_key, OfxParameterSuiteV1, paramDeleteKey);
PLACE(ofx::ParameterSuiteV1, delete_all_keys, OfxParameterSuiteV1, paramDeleteAllKeys);
PLACE(ofx::ParameterSuiteV1, copy, OfxParameterSuiteV1, paramCopy);
PLACE(ofx::ParameterSuiteV1, edit_begin, OfxParameterSuiteV1, paramEditBegin);
PLACE(ofx::ParameterSuiteV1, edit_end, OfxParameterSuiteV1, paramEditEnd);
static_assert(sizeof(ofx::ImageEffectSuiteV1) == sizeof(OfxImageEffectSuiteV1));
PLACE(ofx::ImageEffectSuiteV1, get_property_set, OfxImageEffectSuiteV1, getPropertySet);
PLACE(ofx::ImageEffectSuiteV1, get_param_set, OfxImageEffectSuiteV1, getParamSet);
PLACE(ofx::ImageEffectSuiteV1, clip_define, OfxImageEffectSuiteV1, clipDefine);
PLACE(ofx::ImageEffectSuiteV1, clip_get_handle, OfxImageEffectSuiteV1, clipGetHandle);
PLACE(ofx::ImageEffectSuiteV1, clip_get_property_set, OfxImageEffectSuiteV1, clipGetPropertySet);
PLACE(ofx::ImageEffectSuiteV1, clip_get_image, OfxImageEffectSuiteV1, clipGetImage);
PLACE(ofx::ImageEffectSuiteV1, clip_release_image, OfxImageEffectSuiteV1, clipReleaseImage);
PLACE(ofx::ImageEffectSuiteV1, clip_get_region_of_definition, OfxImageEffectSuiteV1, clipGetRegionOfDefinition);
PLACE(ofx::ImageEffectSuiteV1, abort, OfxImageEffectSuiteV1, abort);
PLACE(ofx::ImageEffectSuiteV1, image_memory_alloc, OfxImageEffectSuiteV1, imageMemoryAlloc);
PLACE(ofx::ImageEffectSuiteV1, image_memory_free, OfxImageEffectSuiteV1, imageMemoryFree);
PLACE(ofx::ImageEffectSuiteV1, image_memory_lock, OfxImageEffectSuiteV1, imageMemoryLock);
PLACE(ofx::ImageEffectSuiteV1, image_memory_unlock, OfxImageEffectSuiteV1, imageMemoryUnlock);
static_assert(sizeof(ofx::MultiThreadSuiteV1) == sizeof(OfxMultiThreadSuiteV1));
PLACE(ofx::MultiThreadSuiteV1, multi_thread, OfxMultiThreadSuiteV1, multiThread);
PLACE(ofx::MultiThreadSuiteV1, num_cpus, OfxMultiThreadSuiteV1, multiThreadNumCPUs);
PLACE(ofx::MultiThreadSuiteV1, index, OfxMultiThreadSuiteV1, multiThreadIndex);
PLACE(ofx::MultiThreadSuiteV1, is_spawned_thread, OfxMultiThreadSuiteV1, multiThreadIsSpawnedThread);
PLACE(ofx::MultiThreadSuiteV1, mutex_create, OfxMultiThreadSuiteV1, mutexCreate);
PLACE(ofx::MultiThreadSuiteV1, mutex_destroy, OfxMultiThreadSuiteV1, mutexDestroy);
PLACE(ofx::MultiThreadSuiteV1, mutex_lock, OfxMultiThreadSuiteV1, mutexLock);
PLACE(ofx::MultiThreadSuiteV1, mutex_unlock, OfxMultiThreadSuiteV1, mutexUnLock);
PLACE(ofx::MultiThreadSuiteV1, mutex_try_lock, OfxMultiThreadSuiteV1, mutexTryLock);
static_assert(sizeof(ofx::MessageSuiteV1) == sizeof(OfxMessageSuiteV1));
PLACE(ofx::MessageSuiteV1, message, OfxMessageSuiteV1, message);
static_assert(sizeof(ofx::MessageSuiteV2) == sizeof(OfxMessageSuiteV2));
PLACE(ofx::MessageSuiteV2, message, OfxMessageSuiteV2, message);
PLACE(ofx::MessageSuiteV2, set_persistent_message, OfxMessageSuiteV2, setPersistentMessage);
PLACE(ofx::MessageSuiteV2, clear_persistent_message, OfxMessageSuiteV2, clearPersistentMessage);
static_assert(sizeof(ofx::Host) == sizeof(OfxHost));
PLACE(ofx::Host, host, OfxHost, host);
PLACE(ofx::Host, fetchSuite, OfxHost, fetchSuite);
static_assert(sizeof(ofx::Plugin) == sizeof(OfxPlugin));
PLACE(ofx::Plugin, api, OfxPlugin, pluginApi);
PLACE(ofx::Plugin, api_version, OfxPlugin, apiVersion);
PLACE(ofx::Plugin, identifier, OfxPlugin, pluginIdentifier);
PLACE(ofx::Plugin, version_major, OfxPlugin, pluginVersionMajor);
PLACE(ofx::Plugin, version_minor, OfxPlugin, pluginVersionMinor);
PLACE(ofx::Plugin, set_host, OfxPlugin, setHost);
PLACE(ofx::Plugin, main_entry, OfxPlugin, mainEntry);

SAME(image_effect_api, kOfxImageEffectPluginApi);
SAME(property_suite, kOfxPropertySuite);
SAME(parameter_suite, kOfxParameterSuite);
SAME(image_effect_suite, kOfxImageEffectSuite);
SAME(multi_thread_suite, kOfxMultiThreadSuite);
SAME(message_suite, kOfxMessageSuite);
SAME(action::load, kOfxActionLoad);
SAME(action::unload, kOfxActionUnload);
SAME(action::describe, kOfxActionDescribe);
SAME(action::describe_in_context, kOfxImageEffectActionDescribeInContext);
SAME(action::create_instance, kOfxActionCreateInstance);
SAME(action::destroy_instance, kOfxActionDestroyInstance);
SAME(action::instance_changed, kOfxActionInstanceChanged);
SAME(action::begin_sequence, kOfxImageEffectActionBeginSequenceRender);
SAME(action::purge_caches, kOfxActionPurgeCaches);
SAME(action::clip_preferences, kOfxImageEffectActionGetClipPreferences);
SAME(action::is_identity, kOfxImageEffectActionIsIdentity);
SAME(action::region_of_definition, kOfxImageEffectActionGetRegionOfDefinition);
SAME(action::regions_of_interest, kOfxImageEffectActionGetRegionsOfInterest);
SAME(action::render, kOfxImageEffectActionRender);
SAME(action::output_colourspace, kOfxImageEffectActionGetOutputColourspace);
SAME(prop::label, kOfxPropLabel);
SAME(prop::short_label, kOfxPropShortLabel);
SAME(prop::long_label, kOfxPropLongLabel);
SAME(prop::name, kOfxPropName);
SAME(prop::time, kOfxPropTime);
SAME(prop::api_version, kOfxPropAPIVersion);
SAME(prop::description, kOfxPropPluginDescription);
SAME(prop::file_path, kOfxPluginPropFilePath);
SAME(prop::instance_data, kOfxPropInstanceData);
SAME(prop::change_reason, kOfxPropChangeReason);
SAME(prop::grouping, kOfxImageEffectPluginPropGrouping);
SAME(prop::contexts, kOfxImageEffectPropSupportedContexts);
SAME(prop::context, kOfxImageEffectPropContext);
SAME(prop::pixel_depths, kOfxImageEffectPropSupportedPixelDepths);
SAME(prop::components, kOfxImageEffectPropSupportedComponents);
SAME(prop::single_instance, kOfxImageEffectPluginPropSingleInstance);
SAME(prop::thread_safety, kOfxImageEffectPluginRenderThreadSafety);
SAME(prop::frame_threading, kOfxImageEffectPluginPropHostFrameThreading);
SAME(prop::tiles, kOfxImageEffectPropSupportsTiles);
SAME(prop::multi_resolution, kOfxImageEffectPropSupportsMultiResolution);
SAME(prop::temporal_access, kOfxImageEffectPropTemporalClipAccess);
SAME(prop::multiple_depths, kOfxImageEffectPropSupportsMultipleClipDepths);
SAME(prop::multiple_pars, kOfxImageEffectPropSupportsMultipleClipPARs);
SAME(prop::frame_varying, kOfxImageEffectFrameVarying);
SAME(prop::no_spatial_awareness, kOfxImageEffectPropNoSpatialAwareness);
SAME(prop::cpu_render, kOfxImageEffectPropCPURenderSupported);
SAME(prop::render_scale, kOfxImageEffectPropRenderScale);
SAME(prop::render_window, kOfxImageEffectPropRenderWindow);
SAME(prop::region_of_definition, kOfxImageEffectPropRegionOfDefinition);
SAME(prop::region_of_interest, kOfxImageEffectPropRegionOfInterest);
SAME(prop::frame_range, kOfxImageEffectPropFrameRange);
SAME(prop::project_size, kOfxImageEffectPropProjectSize);
SAME(prop::project_offset, kOfxImageEffectPropProjectOffset);
SAME(prop::field_extraction, kOfxImageClipPropFieldExtraction);
SAME(prop::connected, kOfxImageClipPropConnected);
SAME(prop::optional, kOfxImageClipPropOptional);
SAME(prop::pixel_depth, kOfxImageEffectPropPixelDepth);
SAME(prop::image_components, kOfxImageEffectPropComponents);
SAME(prop::premultiplication, kOfxImageEffectPropPreMultiplication);
SAME(prop::data, kOfxImagePropData);
SAME(prop::bounds, kOfxImagePropBounds);
SAME(prop::image_rod, kOfxImagePropRegionOfDefinition);
SAME(prop::row_bytes, kOfxImagePropRowBytes);
SAME(prop::pixel_aspect, kOfxImagePropPixelAspectRatio);
SAME(prop::unmapped_depth, kOfxImageClipPropUnmappedPixelDepth);
SAME(prop::cuda_supported, kOfxImageEffectPropCudaRenderSupported);
SAME(prop::cuda_stream_supported, kOfxImageEffectPropCudaStreamSupported);
SAME(prop::cuda_enabled, kOfxImageEffectPropCudaEnabled);
SAME(prop::cuda_stream, kOfxImageEffectPropCudaStream);
SAME(prop::colour_style, kOfxImageEffectPropColourManagementStyle);
SAME(prop::colour_configs, kOfxImageEffectPropColourManagementAvailableConfigs);
SAME(prop::colour_config, kOfxImageEffectPropColourManagementConfig);
SAME(prop::colourspace, kOfxImageClipPropColourspace);
SAME(prop::preferred_colourspaces, kOfxImageClipPropPreferredColourspaces);
SAME(prop::animates, kOfxParamPropAnimates);
SAME(prop::hint, kOfxParamPropHint);
SAME(prop::parent, kOfxParamPropParent);
SAME(prop::default_value, kOfxParamPropDefault);
SAME(prop::min, kOfxParamPropMin);
SAME(prop::max, kOfxParamPropMax);
SAME(prop::display_min, kOfxParamPropDisplayMin);
SAME(prop::display_max, kOfxParamPropDisplayMax);
SAME(prop::increment, kOfxParamPropIncrement);
SAME(prop::digits, kOfxParamPropDigits);
SAME(prop::double_type, kOfxParamPropDoubleType);
SAME(prop::choice_option, kOfxParamPropChoiceOption);
SAME(prop::unique_name, kOfxImagePropUniqueIdentifier);
SAME(value::parameter, kOfxTypeParameter);
SAME(prop::type, kOfxPropType);
SAME(value::multi_line, kOfxParamStringIsMultiLine);
SAME(prop::string_mode, kOfxParamPropStringMode);
SAME(prop::file_exists, kOfxParamPropStringFilePathExists);
SAME(prop::group_open, kOfxParamPropGroupOpen);
SAME(prop::page_child, kOfxParamPropPageChild);
SAME(prop::enabled, kOfxParamPropEnabled);
SAME(prop::evaluate_on_change, kOfxParamPropEvaluateOnChange);
SAME(value::filter, kOfxImageEffectContextFilter);
SAME(value::general, kOfxImageEffectContextGeneral);
SAME(value::bytes, kOfxBitDepthByte);
SAME(value::shorts, kOfxBitDepthShort);
SAME(value::halves, kOfxBitDepthHalf);
SAME(value::floats, kOfxBitDepthFloat);
SAME(value::rgba, kOfxImageComponentRGBA);
SAME(value::rgb, kOfxImageComponentRGB);
SAME(value::fully_safe, kOfxImageEffectRenderFullySafe);
SAME(value::premultiplied, kOfxImagePreMultiplied);
SAME(value::unpremultiplied, kOfxImageUnPreMultiplied);
SAME(value::opaque, kOfxImageOpaque);
SAME(value::field_both, kOfxImageFieldBoth);
SAME(value::source, kOfxImageEffectSimpleSourceClipName);
SAME(value::output, kOfxImageEffectOutputClipName);
SAME(value::message_error, kOfxMessageError);
SAME(value::message_warning, kOfxMessageWarning);
SAME(value::file, kOfxParamStringIsFilePath);
SAME(value::single_line, kOfxParamStringIsSingleLine);
SAME(value::plain_double, kOfxParamDoubleTypePlain);
SAME(value::scale_double, kOfxParamDoubleTypeScale);
SAME(value::colour_none, kOfxImageEffectColourManagementNone);
SAME(value::colour_basic, kOfxImageEffectColourManagementBasic);
SAME(value::colour_core, kOfxImageEffectColourManagementCore);
SAME(value::colour_full, kOfxImageEffectColourManagementFull);
SAME(value::native_config, kOfxConfigIdentifier);
SAME(type::integer, kOfxParamTypeInteger);
SAME(type::real, kOfxParamTypeDouble);
SAME(type::boolean, kOfxParamTypeBoolean);
SAME(type::choice, kOfxParamTypeChoice);
SAME(type::string, kOfxParamTypeString);
SAME(type::group, kOfxParamTypeGroup);
SAME(type::page, kOfxParamTypePage);

int main() { return 0; }
