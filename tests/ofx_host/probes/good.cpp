// An inverter that does everything right: the host must find nothing, in any profile.
#include "probe.hpp"

namespace {

using namespace probe;

void invert_float(unsigned char* to, const unsigned char* from, int components, bool alpha, float amount) {
    for (int c = 0; c < components; ++c) {
        float value;
        std::memcpy(&value, from + c * 4, 4);
        if (!(alpha && c == 3)) value += (1.0f - 2.0f * value) * amount;
        std::memcpy(to + c * 4, &value, 4);
    }
}

void invert_whole(unsigned char* to, const unsigned char* from, int components, int bytes) {
    for (int c = 0; c < components * bytes; ++c)
        to[c] = c / bytes == 3 ? from[c] : static_cast<unsigned char>(~from[c]);
}

struct Work {
    abi::Effect effect;
    Image source, output;
    int window[4];
    bool real, whole;
    float amount;
};

extern "C" void rows(unsigned int index, unsigned int count, void* custom) {
    Work& work = *static_cast<Work*>(custom);
    for (int y = work.window[1] + static_cast<int>(index); y < work.window[3]; y += static_cast<int>(count)) {
        if (effects->abort(work.effect) != 0) return;
        for (int x = work.window[0]; x < work.window[2]; ++x) {
            unsigned char* to = work.output.at(x, y);
            const unsigned char* from = work.source.at(x, y);
            if (work.real) invert_float(to, from, work.output.pixel / 4, true, work.amount);
            else if (work.whole)
                invert_whole(to, from, work.output.pixel > 4 ? work.output.pixel / 2 : work.output.pixel,
                             work.output.pixel > 4 ? 2 : 1);
            else std::memcpy(to, from, static_cast<std::size_t>(work.output.pixel));
        }
    }
}

abi::Status render(abi::Effect effect, abi::Properties in) {
    Work work{effect, {}, {}, {}, false, false, 1};
    double time = 0, amount = 1;
    properties->get_double(in, "OfxPropTime", 0, &time);
    properties->get_ints(in, "OfxImageEffectPropRenderWindow", 4, work.window);
    abi::Parameters set = nullptr;
    abi::Parameter parameter = nullptr;
    effects->parameters(effect, &set);
    parameters->get_handle(set, "amount", &parameter, nullptr);
    parameters->get_at(parameter, time, &amount);
    work.amount = static_cast<float>(amount);
    if (!work.source.fetch(effect, "Source", time)) {
        messages->message(effect, "OfxMessageError", "", "no %s at %g", "source", time);
        return abi::failed;
    }
    if (!work.output.fetch(effect, "Output", time)) {
        work.source.release();
        return abi::failed;
    }
    char* depth = nullptr;
    properties->get_string(work.output.set, "OfxImageEffectPropPixelDepth", 0, &depth);
    work.real = is(depth, "OfxBitDepthFloat");
    work.whole = is(depth, "OfxBitDepthByte") || is(depth, "OfxBitDepthShort");
    threads->run(rows, 0, &work);
    work.source.release();
    work.output.release();
    return abi::ok;
}

void define(abi::Effect effect) {
    define_clips(effect);
    abi::Parameters set = nullptr;
    abi::Properties amount = nullptr;
    effects->parameters(effect, &set);
    parameters->define(set, "OfxParamTypeDouble", "amount", &amount);
    properties->set_double(amount, "OfxParamPropDefault", 0, 1);
    properties->set_double(amount, "OfxParamPropMin", 0, 0);
    properties->set_double(amount, "OfxParamPropMax", 0, 1);
    properties->set_double(amount, "OfxParamPropDisplayMin", 0, 0);
    properties->set_double(amount, "OfxParamPropDisplayMax", 0, 1);
}

abi::Status identity(abi::Effect effect, abi::Properties in, abi::Properties out) {
    double time = 0, amount = 1;
    properties->get_double(in, "OfxPropTime", 0, &time);
    abi::Parameters set = nullptr;
    abi::Parameter parameter = nullptr;
    effects->parameters(effect, &set);
    parameters->get_handle(set, "amount", &parameter, nullptr);
    parameters->get_at(parameter, time, &amount);
    if (amount != 0) return abi::reply_default;
    properties->set_string(out, "OfxPropName", 0, "Source");
    return abi::ok;
}

extern "C" abi::Status entry(const char* action, const void* handle, abi::Properties in, abi::Properties out) {
    const abi::Effect effect = effect_of(handle);
    if (is(action, "OfxActionLoad")) fetch();
    else if (is(action, "OfxActionDescribe")) describe(effect, "Inverter");
    else if (is(action, "OfxImageEffectActionDescribeInContext")) define(effect);
    else if (is(action, "OfxImageEffectActionIsIdentity")) return identity(effect, in, out);
    else if (is(action, "OfxImageEffectActionRender")) return render(effect, in);
    else return abi::reply_default;
    return abi::ok;
}

void set_host(abi::Host* given) { host = given; }

abi::Plugin plugin{"OfxImageEffectPluginAPI", 1, "org.example.good", 1, 0, set_host, entry};

}  // namespace

PROBE_EXPORT int OfxGetNumberOfPlugins() { return 1; }
PROBE_EXPORT abi::Plugin* OfxGetPlugin(int nth) { return nth == 0 ? &plugin : nullptr; }
