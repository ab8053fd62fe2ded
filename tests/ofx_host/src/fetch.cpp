#include "fetch.hpp"

#include <cstdarg>
#include <cstdio>
#include <string>

#include "effect.hpp"
#include "memory_suite.hpp"
#include "parameters.hpp"
#include "report.hpp"
#include "schema.hpp"
#include "thread_suite.hpp"

namespace host {
namespace {

const Profile* profile_ = nullptr;
PropertySet* properties_ = nullptr;

std::string formatted(const char* format, std::va_list values) {
    std::va_list again;
    va_copy(again, values);
    const int size = std::vsnprintf(nullptr, 0, format, again);
    va_end(again);
    std::string text(static_cast<std::size_t>(size), '\0');
    std::vsnprintf(text.data(), text.size() + 1, format, values);
    return text;
}

std::string safe(const char* text) { return text == nullptr ? "" : text; }

abi::Status take(void* handle, const char* type, const char* id, const char* format, std::va_list values,
                 bool persistent) {
    called("message", false);
    if (handle != nullptr && from<Effect>(static_cast<abi::Effect>(handle), Kind::effect) == nullptr) {
        report().violation("a message for a handle that is no living effect");
        return abi::bad_handle;
    }
    static const std::string known[] = {"OfxMessageFatal",   "OfxMessageError", "OfxMessageWarning",
                                        "OfxMessageMessage", "OfxMessageLog",   "OfxMessageQuestion"};
    bool right = false;
    for (const std::string& one : known) right = right || one == safe(type);
    if (persistent && (safe(type) == known[4] || safe(type) == known[5])) right = false;
    if (!right || format == nullptr) {
        report().violation("a message of type " + safe(type) + (format == nullptr ? " without text" : ""));
        return abi::failed;
    }
    report().message({safe(type), safe(id), formatted(format, values), persistent});
    return safe(type) == known[5] ? abi::reply_yes : abi::ok;
}

abi::Status message(void* handle, const char* type, const char* id, const char* format, ...) {
    std::va_list values;
    va_start(values, format);
    const abi::Status status = take(handle, type, id, format, values, false);
    va_end(values);
    return status;
}

abi::Status set_persistent(void* handle, const char* type, const char* id, const char* format, ...) {
    std::va_list values;
    va_start(values, format);
    const abi::Status status = take(handle, type, id, format, values, true);
    va_end(values);
    return status;
}

abi::Status clear_persistent(void* handle) {
    called("clearPersistentMessage", false);
    auto* effect = from<Effect>(static_cast<abi::Effect>(handle), Kind::effect);
    if (effect == nullptr) {
        report().violation("clears the message of a handle that is no living effect");
        return abi::bad_handle;
    }
    report().clear_persistent(effect->what());
    return abi::ok;
}

abi::Status progress_start1(void*, const char*) {
    called("progressStart");
    return abi::ok;
}
abi::Status progress_start2(void*, const char*, const char*) {
    called("progressStart");
    return abi::ok;
}
abi::Status progress_update(void*, double) {
    called("progressUpdate");
    return abi::ok;
}
abi::Status progress_end(void*) {
    called("progressEnd");
    return abi::ok;
}

Effect* instance_of(void* handle) {
    called("the time line");
    auto* effect = from<Effect>(static_cast<abi::Effect>(handle), Kind::effect);
    if (effect == nullptr) report().violation("the time line of a handle that is no living effect");
    return effect;
}

abi::Status line_time(void* handle, double* time) {
    const Effect* effect = instance_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    *time = effect->time;
    return abi::ok;
}

abi::Status line_go_to(void* handle, double time) {
    Effect* effect = instance_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    effect->time = time;
    return abi::ok;
}

abi::Status line_bounds(void* handle, double* first, double* last) {
    const Effect* effect = instance_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    *first = effect->first;
    *last = effect->last;
    return abi::ok;
}

const void* fetch(abi::Properties host, const char* name, int version) {
    if (report().setting_host) report().violation("fetches suites while the host is set: they are there from Load on");
    else called("fetchSuite", false);
    if (from<PropertySet>(host, Kind::properties) != properties_) {
        report().violation("fetchSuite is called with another handle than the host's");
        return nullptr;
    }
    static const abi::MessageSuite1 message1{message};
    static const abi::MessageSuite2 message2{message, set_persistent, clear_persistent},
        without{message, nullptr, nullptr};
    static const abi::ProgressSuite1 progress1{progress_start1, progress_update, progress_end};
    static const abi::ProgressSuite2 progress2{progress_start2, progress_update, progress_end};
    static const abi::TimeLineSuite line{line_time, line_go_to, line_bounds};
    const std::string suite = safe(name);
    if (version == 1) {
        if (suite == "OfxPropertySuite") return &property_suite();
        if (suite == "OfxImageEffectSuite") return &effect_suite();
        if (suite == "OfxParameterSuite") return &parameter_suite();
        if (suite == "OfxMemorySuite") return &memory_suite();
        if (suite == "OfxMultiThreadSuite") return &thread_suite();
        if (suite == "OfxMessageSuite") return &message1;
        if (suite == "OfxProgressSuite" && profile_->progress) return &progress1;
        if (suite == "OfxTimeLineSuite" && profile_->time_line) return &line;
    }
    if (version == 2) {
        if (suite == "OfxMessageSuite" && profile_->message2) return profile_->persistent ? &message2 : &without;
        if (suite == "OfxProgressSuite" && profile_->progress) return &progress2;
    }
    return nullptr;
}

std::vector<Value> texts(const std::vector<std::string>& all) { return {all.begin(), all.end()}; }

}  // namespace

abi::Host& the_host(const Profile& profile) {
    static abi::Host host{};
    if (profile_ != nullptr) return host;
    profile_ = &profile;
    properties_ = new PropertySet("host");  // as long as the process: plugins keep it
    PropertySet& set = *properties_;
    fill_host(set, profile);
    if (profile.api > std::pair(1, 0))
        set.put("OfxPropAPIVersion", std::vector<Value>{profile.api.first, profile.api.second});
    else set.put_absent("OfxPropAPIVersion");
    set.put("OfxPropType", "OfxTypeImageEffectHost");
    set.put("OfxPropName", profile.host);
    set.put("OfxPropLabel", profile.label);
    set.put("OfxPropVersion", std::vector<Value>{1, 0, 0});
    set.put("OfxPropVersionLabel", "1.0");
    set.put("OfxImageEffectPropSupportsMultiResolution", profile.resolutions ? 1 : 0);
    set.put("OfxImageEffectPropSupportsTiles", profile.tiles ? 1 : 0);
    set.put("OfxImageEffectPropTemporalClipAccess", profile.temporal ? 1 : 0);
    set.put("OfxImageEffectPropSupportedComponents", texts(profile.components));
    set.put("OfxImageEffectPropSupportedContexts", texts(profile.contexts));
    set.put("OfxImageEffectPropSupportedPixelDepths", texts(profile.depths));
    set.put("OfxImageEffectPropMultipleClipDepths", profile.clip_depths ? 1 : 0);
    set.put("OfxParamHostPropSupportsStringAnimation", profile.animates_strings ? 1 : 0);
    set.put("OfxParamHostPropSupportsChoiceAnimation", profile.animates_choices ? 1 : 0);
    set.put("OfxParamHostPropSupportsBooleanAnimation", 1);
    set.put("OfxParamHostPropSupportsStrChoice", profile.string_choice ? 1 : 0);
    set.put("OfxParamHostPropMaxParameters", -1);
    set.put("OfxImageEffectHostPropNativeOrigin", "kOfxImageEffectHostPropNativeOriginBottomLeft");
    for (const char* gpu : {"OfxImageEffectPropOpenGLRenderSupported", "OfxImageEffectPropCudaRenderSupported",
                            "OfxImageEffectPropCudaStreamSupported", "OfxImageEffectPropMetalRenderSupported",
                            "OfxImageEffectPropOpenCLRenderSupported", "OfxImageEffectPropOpenCLSupported"}) {
        set.put(gpu, "false");
    }
    if (profile.cuda) {
        set.put("OfxImageEffectPropCudaRenderSupported", "true");
        set.put("OfxImageEffectPropCudaStreamSupported", "true");
    }
    set.put("OfxImageEffectPropCPURenderSupported", "true");
    if (profile.colour) {
        set.put("OfxImageEffectPropColourManagementStyle", "OfxImageEffectColourManagementOCIO");
        set.put("OfxImageEffectPropColourManagementAvailableConfigs",
                std::vector<Value>{std::string("ofx-native-v1.5_aces-v1.3_ocio-v2.3")});
    } else {
        set.put("OfxImageEffectPropColourManagementStyle", "OfxImageEffectColourManagementNone");
    }
    host = {set.handle(), fetch};
    return host;
}

}  // namespace host
