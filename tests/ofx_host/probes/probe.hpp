// What the probes share: little effects, good and bad, that show whether the host sees what it should.
#pragma once

#include <cstring>
#include <initializer_list>

#include "../src/abi.hpp"

namespace probe {

inline const abi::Host* host = nullptr;
inline const abi::PropertySuite* properties = nullptr;
inline const abi::EffectSuite* effects = nullptr;
inline const abi::ParameterSuite* parameters = nullptr;
inline const abi::MemorySuite* memory = nullptr;
inline const abi::ThreadSuite* threads = nullptr;
inline const abi::MessageSuite1* messages = nullptr;

inline void fetch() {
    properties = static_cast<const abi::PropertySuite*>(host->fetch(host->properties, "OfxPropertySuite", 1));
    effects = static_cast<const abi::EffectSuite*>(host->fetch(host->properties, "OfxImageEffectSuite", 1));
    parameters = static_cast<const abi::ParameterSuite*>(host->fetch(host->properties, "OfxParameterSuite", 1));
    memory = static_cast<const abi::MemorySuite*>(host->fetch(host->properties, "OfxMemorySuite", 1));
    threads = static_cast<const abi::ThreadSuite*>(host->fetch(host->properties, "OfxMultiThreadSuite", 1));
    messages = static_cast<const abi::MessageSuite1*>(host->fetch(host->properties, "OfxMessageSuite", 1));
}

inline void describe(abi::Effect effect, const char* label) {
    abi::Properties set = nullptr;
    effects->properties(effect, &set);
    properties->set_string(set, "OfxPropLabel", 0, label);
    properties->set_string(set, "OfxImageEffectPluginPropGrouping", 0, "Probes");
    properties->set_string(set, "OfxImageEffectPropSupportedContexts", 0, "OfxImageEffectContextFilter");
    properties->set_string(set, "OfxImageEffectPropSupportedContexts", 1, "OfxImageEffectContextGeneral");
    const char* depths[] = {"OfxBitDepthFloat", "OfxBitDepthHalf", "OfxBitDepthShort", "OfxBitDepthByte"};
    for (int i = 0; i < 4; ++i) properties->set_string(set, "OfxImageEffectPropSupportedPixelDepths", i, depths[i]);
    properties->set_string(set, "OfxImageEffectPluginRenderThreadSafety", 0, "OfxImageEffectRenderFullySafe");
    properties->set_int(set, "OfxImageEffectPluginPropHostFrameThreading", 0, 0);
}

inline void define_clips(abi::Effect effect) {
    for (const char* name : {"Source", "Output"}) {
        abi::Properties set = nullptr;
        effects->clip_define(effect, name, &set);
        properties->set_string(set, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentRGBA");
        properties->set_string(set, "OfxImageEffectPropSupportedComponents", 1, "OfxImageComponentRGB");
    }
}

struct Image {
    abi::Properties set = nullptr;
    unsigned char* data = nullptr;
    int bounds[4] = {0, 0, 0, 0}, row = 0, pixel = 0;

    bool fetch(abi::Effect effect, const char* name, double time) {
        abi::Clip clip = nullptr;
        effects->clip_handle(effect, name, &clip, nullptr);
        if (effects->clip_image(clip, time, nullptr, &set) != abi::ok || set == nullptr) return false;
        void* at = nullptr;
        properties->get_pointer(set, "OfxImagePropData", 0, &at);
        data = static_cast<unsigned char*>(at);
        properties->get_ints(set, "OfxImagePropBounds", 4, bounds);
        properties->get_int(set, "OfxImagePropRowBytes", 0, &row);
        char *depth = nullptr, *components = nullptr;
        properties->get_string(set, "OfxImageEffectPropPixelDepth", 0, &depth);
        properties->get_string(set, "OfxImageEffectPropComponents", 0, &components);
        const int count = std::strcmp(components, "OfxImageComponentRGBA") == 0 ? 4 : 3;
        pixel = count * (std::strcmp(depth, "OfxBitDepthFloat") == 0  ? 4
                         : std::strcmp(depth, "OfxBitDepthByte") == 0 ? 1
                                                                      : 2);
        return true;
    }
    unsigned char* at(int x, int y) {
        return data + (y - bounds[1]) * static_cast<long>(row) + (x - bounds[0]) * pixel;
    }
    void release() { effects->release_image(set); }
};

// Output: the source, copied; `spill` pixels more to the right than asked for.
inline abi::Status copy(abi::Effect effect, abi::Properties in, int spill = 0, bool release = true) {
    double time = 0;
    int window[4];
    properties->get_double(in, "OfxPropTime", 0, &time);
    properties->get_ints(in, "OfxImageEffectPropRenderWindow", 4, window);
    Image source, output;
    if (!source.fetch(effect, "Source", time)) return abi::failed;
    if (!output.fetch(effect, "Output", time)) return abi::failed;
    for (int y = window[1]; y < window[3]; ++y) {
        if (effects->abort(effect) != 0) break;
        const auto bytes = static_cast<std::size_t>((window[2] - window[0]) * output.pixel);
        std::memcpy(output.at(window[0], y), source.at(window[0], y), bytes);
        for (int i = 0; i < spill; ++i)
            std::memset(output.at(window[2] + i, y), 0, static_cast<std::size_t>(output.pixel));
    }
    source.release();
    if (release) output.release();
    return abi::ok;
}

inline bool is(const char* action, const char* name) { return std::strcmp(action, name) == 0; }
inline abi::Effect effect_of(const void* handle) { return static_cast<abi::Effect>(const_cast<void*>(handle)); }

}  // namespace probe

// The two functions that a binary of plugins exports, for an array of plugins.
#define PROBE_EXPORT extern "C" __attribute__((visibility("default")))
