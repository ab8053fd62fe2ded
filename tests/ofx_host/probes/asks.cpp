// Asks the host what a plugin may ask, rightly and wrongly, and sends what it answers unexpectedly as messages.
#include <cstdio>
#include <string>

#include "probe.hpp"

namespace {

using namespace probe;

void say(const char* id, const std::string& text) {
    messages->message(nullptr, "OfxMessageLog", id, "%s", text.c_str());
}

void expect(const char* what, abi::Status got, abi::Status wanted) {
    if (got != wanted)
        say("unexpected", std::string(what) + " gives " + std::to_string(got) + ", not " + std::to_string(wanted));
}

void expect(const char* what, bool right) {
    if (!right) say("unexpected", what);
}

void suites() {
    const auto has = [](const char* name, int version) { return host->fetch(host->properties, name, version); };
    for (const char* name : {"OfxPropertySuite", "OfxImageEffectSuite", "OfxParameterSuite", "OfxMemorySuite",
                             "OfxMultiThreadSuite", "OfxMessageSuite", "OfxProgressSuite", "OfxTimeLineSuite",
                             "OfxInteractSuite", "OfxImageEffectOpenGLRenderSuite"}) {
        for (int version = 1; version <= 3; ++version) {
            if (has(name, version) != nullptr) say("suite", std::string(name) + " " + std::to_string(version));
        }
    }
    const auto* second = static_cast<const abi::MessageSuite2*>(has("OfxMessageSuite", 2));
    if (second != nullptr && second->set_persistent != nullptr) say("suite", "persistent messages");
    expect("fetchSuite with a null host", has("NoSuite", 1) == nullptr);
}

void sets(abi::Properties set) {
    int whole = 7, wholes[4] = {};
    double real = 0, reals[4] = {};
    char* text = nullptr;
    void* pointer = nullptr;
    expect("a null handle", properties->get_int(nullptr, "OfxParamPropDigits", 0, &whole), abi::bad_handle);
    expect("an unknown property", properties->get_int(set, "OfxNobody", 0, &whole), abi::unknown);
    expect("a property of another type", properties->get_int(set, "OfxParamPropDefault", 0, &whole), abi::unknown);
    expect("an index beyond", properties->get_double(set, "OfxParamPropDefault", 1, &real), abi::bad_index);
    expect("an index below", properties->get_double(set, "OfxParamPropDefault", -1, &real), abi::bad_index);
    expect("more than there are", properties->get_doubles(set, "OfxParamPropDefault", 2, reals), abi::bad_index);
    expect("what failed leaves values alone", whole == 7);
    expect("writing another type", properties->set_int(set, "OfxParamPropDefault", 0, 1), abi::bad_value);
    expect("writing beyond", properties->set_double(set, "OfxParamPropDefault", 1, 1), abi::bad_index);
    expect("writing what is the host's", properties->set_string(set, "OfxParamPropType", 0, "x"), abi::unknown);
    expect("writing", properties->set_double(set, "OfxParamPropDefault", 0, 0.25), abi::ok);
    expect("reading", properties->get_double(set, "OfxParamPropDefault", 0, &real), abi::ok);
    expect("what was written is read", real == 0.25);
    expect("resetting", properties->reset(set, "OfxParamPropDefault"), abi::ok);
    properties->get_double(set, "OfxParamPropDefault", 0, &real);
    expect("what was reset is as before", real == 0);
    expect("the dimension", properties->dimension(set, "OfxParamPropDefault", wholes), abi::ok);
    expect("one number has dimension 1", wholes[0] == 1);
    expect("a text", properties->get_string(set, "OfxParamPropType", 0, &text), abi::ok);
    expect("the text is the type", text != nullptr && is(text, "OfxParamTypeDouble"));
    expect("a pointer", properties->set_pointer(set, "OfxParamPropDataPtr", 0, set), abi::ok);
    properties->get_pointer(set, "OfxParamPropDataPtr", 0, &pointer);
    expect("the pointer comes back", pointer == set);
}

void define(abi::Effect effect) {
    define_clips(effect);
    abi::Parameters set = nullptr;
    effects->parameters(effect, &set);
    abi::Properties one = nullptr, choice = nullptr;
    expect("a type that is none", parameters->define(set, "OfxParamTypeNone", "x", &one), abi::unknown);
    expect("a parameter", parameters->define(set, "OfxParamTypeDouble", "real", &one), abi::ok);
    expect("the same name again", parameters->define(set, "OfxParamTypeInteger", "real", nullptr), abi::exists);
    sets(one);
    parameters->define(set, "OfxParamTypeChoice", "choice", &choice);
    for (int i = 0; i < 3; ++i) {
        const std::string option = "option " + std::to_string(i);
        expect("an option more", properties->set_string(choice, "OfxParamPropChoiceOption", i, option.c_str()),
               abi::ok);
    }
    expect("a gap in the options", properties->set_string(choice, "OfxParamPropChoiceOption", 9, "x"), abi::bad_index);
    parameters->define(set, "OfxParamTypeString", "text", nullptr);
    parameters->define(set, "OfxParamTypeRGB", "colour", nullptr);
    parameters->define(set, "OfxParamTypeBoolean", "flag", nullptr);
    abi::Properties twice = nullptr;
    expect("a clip again", effects->clip_define(effect, "Source", &twice), abi::exists);
}

void values(abi::Effect effect) {
    abi::Parameters set = nullptr;
    abi::Parameter real = nullptr, colour = nullptr, text = nullptr, none = nullptr;
    effects->parameters(effect, &set);
    expect("no such parameter", parameters->get_handle(set, "none", &none, nullptr), abi::unknown);
    expect("a parameter's handle", parameters->get_handle(set, "real", &real, nullptr), abi::ok);
    parameters->get_handle(set, "colour", &colour, nullptr);
    parameters->get_handle(set, "text", &text, nullptr);
    expect("two numbers", parameters->set_at(real, 0, 1.0), abi::ok);
    parameters->set_at(real, 10, 3.0);
    double at = 0, slope = 0, area = 0;
    parameters->get_at(real, 5, &at);
    parameters->derivative(real, 5, &slope);
    parameters->integral(real, 0, 10, &area);
    expect("between two keys it is halfway", at == 2);
    expect("and rises evenly", slope > 0.199 && slope < 0.201);
    expect("over an area", area > 19.99 && area < 20.01);
    unsigned int count = 0;
    int index = -1;
    double time = -1;
    parameters->key_count(real, &count);
    parameters->key_time(real, 1, &time);
    parameters->key_index(real, 5, -1, &index);
    expect("keys", count == 2 && time == 10 && index == 0);
    expect("a key that is not there", parameters->key_time(real, 2, &time), abi::bad_index);
    expect("deleting a key", parameters->delete_key(real, 10), abi::ok);
    expect("deleting none", parameters->delete_key(real, 10), abi::bad_index);
    parameters->delete_keys(real);
    double r = 0, g = 0, b = 0;
    expect("three numbers", parameters->set(colour, 0.1, 0.2, 0.3), abi::ok);
    parameters->get(colour, &r, &g, &b);
    expect("come back", r == 0.1 && g == 0.2 && b == 0.3);
    char* words = nullptr;
    parameters->set(text, "words");
    parameters->get(text, &words);
    expect("so do words", words != nullptr && is(words, "words"));
    double to = 0;
    parameters->set(real, 4.0);
    parameters->edit_begin(set, "edit");
    parameters->edit_end(set);
    parameters->get(real, &to);
    expect("a constant", to == 4);
}

unsigned int seen[16] = {};

extern "C" void in_thread(unsigned int index, unsigned int count, void*) {
    unsigned int own = 99;
    threads->index(&own);
    seen[index] = own == index && threads->is_spawned() == 1 ? count : 0;
}

extern "C" void nested(unsigned int, unsigned int, void*) {
    expect("threads out of threads", threads->run(in_thread, 2, nullptr), abi::exists);
}

void thread_suite() {
    unsigned int cpus = 0, index = 9;
    threads->cpus(&cpus);
    threads->index(&index);
    expect("the thread itself", index == 0 && threads->is_spawned() == 0);
    expect("threads", threads->run(in_thread, 1000, nullptr), abi::ok);
    for (unsigned int i = 0; i < cpus; ++i)
        expect("each thread has its index, and no more than CPUs run", seen[i] == cpus);
    threads->run(nested, 1, nullptr);
    abi::Mutex mutex = nullptr;
    threads->mutex_create(&mutex, 0);
    expect("a lock", threads->mutex_lock(mutex), abi::ok);
    expect("a lock that is taken", threads->mutex_try_lock(mutex), abi::failed);
    expect("given back", threads->mutex_unlock(mutex), abi::ok);
    expect("and free again", threads->mutex_try_lock(mutex), abi::ok);
    threads->mutex_unlock(mutex);
    expect("destroyed", threads->mutex_destroy(mutex), abi::ok);
    expect("and gone", threads->mutex_lock(mutex), abi::bad_handle);
}

void memory_suites(abi::Effect effect) {
    void* block = nullptr;
    expect("memory", memory->alloc(effect, 100, &block), abi::ok);
    std::memset(block, 1, 100);
    expect("given back", memory->free(block), abi::ok);
    expect("twice", memory->free(block), abi::bad_handle);
    abi::ImageMemory image = nullptr;
    expect("image memory", effects->memory_alloc(effect, 100, &image), abi::ok);
    effects->memory_lock(image, &block);
    std::memset(block, 1, 100);
    effects->memory_unlock(image);
    expect("given back", effects->memory_free(image), abi::ok);
    expect("and gone", effects->memory_lock(image, &block), abi::bad_handle);
    abi::Clip clip = nullptr;
    expect("no such clip", effects->clip_handle(effect, "None", &clip, nullptr), abi::unknown);
    abi::Properties set = nullptr;
    expect("a dead effect", effects->properties(nullptr, &set), abi::bad_handle);
    expect("an image outside Render", effects->clip_image(clip, 1, nullptr, &set), abi::bad_handle);
}

extern "C" abi::Status entry(const char* action, const void* handle, abi::Properties in, abi::Properties) {
    const abi::Effect effect = effect_of(handle);
    if (is(action, "OfxActionLoad")) {
        fetch();
        suites();
    } else if (is(action, "OfxActionDescribe")) {
        describe(effect, "Asks");
    } else if (is(action, "OfxImageEffectActionDescribeInContext")) {
        define(effect);
    } else if (is(action, "OfxActionCreateInstance")) {
        thread_suite();
        memory_suites(effect);
    } else if (is(action, "OfxActionInstanceChanged")) {
        char* reason = nullptr;
        char* name = nullptr;
        properties->get_string(in, "OfxPropChangeReason", 0, &reason);
        properties->get_string(in, "OfxPropName", 0, &name);
        say("changed", std::string(name) + " " + reason);
        if (is(reason, "OfxChangeUserEdited") && is(name, "flag")) values(effect);
    } else if (is(action, "OfxImageEffectActionRender")) {
        return copy(effect, in);
    } else {
        return abi::reply_default;
    }
    return abi::ok;
}

void set_host(abi::Host* given) { host = given; }

abi::Plugin plugin{"OfxImageEffectPluginAPI", 1, "org.example.asks", 1, 0, set_host, entry};

}  // namespace

PROBE_EXPORT int OfxGetNumberOfPlugins() { return 1; }
PROBE_EXPORT abi::Plugin* OfxGetPlugin(int nth) { return nth == 0 ? &plugin : nullptr; }
