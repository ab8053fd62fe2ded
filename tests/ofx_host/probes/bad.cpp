// Effects with one fault each, named by it: the host must say what it is, and go on.
#include <stdexcept>
#include <utility>

#include "probe.hpp"

namespace {

using namespace probe;

enum Fault {
    spills,
    leaks_image,
    unknown_property,
    wrong_type,
    index_beyond,
    defined_twice,
    no_ranges,
    leaks_memory,
    leaks_mutex,
    fetches_early,
    odd_status,
    throws,
    skips_pixels,
    writes_source,
    stale_handle,
    releases_twice,
    sets_in_render,
    reads_without_time,
    integer_vector,
    choice_without_options,
    host_property,
    reads_beyond,
    fault_count
};

const char* const names[] = {"spills",         "leaks_image",        "unknown_property", "wrong_type",
                             "index_beyond",   "defined_twice",      "no_ranges",        "leaks_memory",
                             "leaks_mutex",    "fetches_early",      "odd_status",       "throws",
                             "skips_pixels",   "writes_source",      "stale_handle",     "releases_twice",
                             "sets_in_render", "reads_without_time", "integer_vector",   "choice_without_options",
                             "host_property",  "reads_beyond"};
static_assert(sizeof names / sizeof *names == fault_count);

abi::Properties stale = nullptr;

void define(abi::Effect effect, int fault) {
    define_clips(effect);
    abi::Parameters set = nullptr;
    effects->parameters(effect, &set);
    abi::Properties one = nullptr;
    parameters->define(set, "OfxParamTypeDouble", "amount", &one);
    for (const char* low : {"OfxParamPropMin", "OfxParamPropDisplayMin"}) {
        if (fault != no_ranges) properties->set_double(one, low, 0, 0);
    }
    for (const char* high : {"OfxParamPropMax", "OfxParamPropDisplayMax"}) {
        if (fault != no_ranges) properties->set_double(one, high, 0, 1);
    }
    if (fault == unknown_property) properties->set_int(one, "OfxParamPropNobodyKnows", 0, 1);
    if (fault == wrong_type) properties->set_int(one, "OfxParamPropDefault", 0, 1);
    if (fault == index_beyond) properties->set_double(one, "OfxParamPropDefault", 1, 1);
    if (fault == defined_twice) parameters->define(set, "OfxParamTypeDouble", "amount", &one);
    if (fault == integer_vector) {
        if (parameters->define(set, "OfxParamTypeInteger2D", "pair", &one) == abi::ok) {
            const int low[] = {0, 0}, high[] = {9, 9};
            for (const char* name : {"OfxParamPropMin", "OfxParamPropDisplayMin"})
                properties->set_ints(one, name, 2, low);
            for (const char* name : {"OfxParamPropMax", "OfxParamPropDisplayMax"})
                properties->set_ints(one, name, 2, high);
        }
    }
    if (fault == choice_without_options) parameters->define(set, "OfxParamTypeChoice", "choice", &one);
    if (fault == host_property) properties->set_string(one, "OfxPropName", 0, "other");
    if (fault == stale_handle) stale = one;
}

abi::Status render(abi::Effect effect, abi::Properties in, int fault) {
    if (fault == throws) throw std::runtime_error("out of the plugin");
    abi::Parameters set = nullptr;
    abi::Parameter amount = nullptr;
    effects->parameters(effect, &set);
    parameters->get_handle(set, "amount", &amount, nullptr);
    double time = 0, value = 0;
    if (fault == reads_without_time) parameters->get(amount, &value);
    if (fault == sets_in_render) parameters->set(amount, 0.5);
    if (fault == stale_handle) properties->get_double(stale, "OfxParamPropDefault", 0, &value);
    properties->get_double(in, "OfxPropTime", 0, &time);
    if (fault == writes_source) {
        Image source;
        source.fetch(effect, "Source", time);
        source.at(source.bounds[0], source.bounds[1])[0] ^= 1;
        source.release();
    }
    if (fault == reads_beyond) {
        Image source;
        source.fetch(effect, "Source", time);
        volatile unsigned char seen = *(source.at(source.bounds[2] - 1, source.bounds[3] - 1) + source.pixel);
        (void)seen;
        source.release();
    }
    if (fault == skips_pixels) return abi::ok;
    if (fault == releases_twice) {
        Image source;
        source.fetch(effect, "Source", time);
        source.release();
        source.release();
    }
    return copy(effect, in, fault == spills ? 1 : 0, fault != leaks_image);
}

template <int fault>
abi::Status entry(const char* action, const void* handle, abi::Properties in, abi::Properties) {
    const abi::Effect effect = effect_of(handle);
    if (is(action, "OfxActionLoad")) {
        fetch();
        void* block = nullptr;
        abi::Mutex mutex = nullptr;
        if (fault == leaks_memory) memory->alloc(nullptr, 100, &block);
        if (fault == leaks_mutex) threads->mutex_create(&mutex, 0);
    } else if (is(action, "OfxActionDescribe")) {
        describe(effect, names[fault]);
    } else if (is(action, "OfxImageEffectActionDescribeInContext")) {
        define(effect, fault);
    } else if (is(action, "OfxActionCreateInstance")) {
        return fault == odd_status ? abi::reply_yes : abi::ok;
    } else if (is(action, "OfxActionUnload") && fault == stale_handle) {
        stale = nullptr;
    } else if (is(action, "OfxImageEffectActionRender")) {
        return render(effect, in, fault);
    } else {
        return abi::reply_default;
    }
    return abi::ok;
}

template <int fault>
void set_host(abi::Host* given) {
    host = given;
    if (fault == fetches_early) fetch();
}

template <int fault>
abi::Plugin* plugin() {
    static const auto identifier = [] {
        static char text[64] = "org.example.bad.";
        std::strcat(text, names[fault]);
        return static_cast<const char*>(text);
    }();
    static abi::Plugin one{"OfxImageEffectPluginAPI", 1, identifier, 1, 0, set_host<fault>, entry<fault>};
    return &one;
}

template <int... faults>
abi::Plugin* nth_of(int nth, std::integer_sequence<int, faults...>) {
    abi::Plugin* (*const all[])() = {plugin<faults>...};
    return nth >= 0 && nth < fault_count ? all[nth]() : nullptr;
}

}  // namespace

PROBE_EXPORT int OfxGetNumberOfPlugins() { return fault_count; }
PROBE_EXPORT abi::Plugin* OfxGetPlugin(int nth) { return nth_of(nth, std::make_integer_sequence<int, fault_count>()); }
