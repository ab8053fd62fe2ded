#include "plugin.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "check_description.hpp"
#include "fetch.hpp"
#include "memory_suite.hpp"
#include "report.hpp"
#include "schema.hpp"
#include "thread_suite.hpp"

namespace host {
namespace {

namespace fs = std::filesystem;

// What each action may answer, by the specification.
const std::map<std::string, std::set<abi::Status>>& statuses() {
    using namespace abi;
    static const std::set<Status> life{ok, reply_default, failed, fatal},
        asked{ok, reply_default, memory, failed, fatal}, described{ok, missing_host_feature, memory, failed, fatal},
        sequence{ok, reply_default, memory, failed, unlicensed, fatal};
    static const std::map<std::string, std::set<Status>> all{
        {"OfxActionLoad", life},
        {"OfxActionUnload", {ok, reply_default, fatal}},
        {"OfxActionDescribe", described},
        {"OfxImageEffectActionDescribeInContext", described},
        {"OfxActionCreateInstance", asked},
        {"OfxActionDestroyInstance", life},
        {"OfxActionBeginInstanceChanged", life},
        {"OfxActionInstanceChanged", life},
        {"OfxActionEndInstanceChanged", life},
        {"OfxActionBeginInstanceEdit", life},
        {"OfxActionEndInstanceEdit", life},
        {"OfxActionPurgeCaches", life},
        {"OfxActionSyncPrivateData", life},
        {"OfxImageEffectActionGetRegionOfDefinition", asked},
        {"OfxImageEffectActionGetRegionsOfInterest", asked},
        {"OfxImageEffectActionGetFramesNeeded", asked},
        {"OfxImageEffectActionGetTimeDomain", asked},
        {"OfxImageEffectActionGetClipPreferences", asked},
        {"OfxImageEffectActionIsIdentity", asked},
        {"OfxImageEffectActionGetOutputColourspace", asked},
        {"OfxImageEffectActionBeginSequenceRender", sequence},
        {"OfxImageEffectActionEndSequenceRender", sequence},
        {"OfxImageEffectActionRender", {ok, memory, failed, unlicensed, fatal}},
        {"OfxActionNobodyKnows", {reply_default}}};
    return all;
}

}  // namespace

abi::Status Plugin::act(const char* action, Effect* effect, PropertySet* in, PropertySet* out, Job* job) {
    const Scope outer = scope();
    scope() = {action, effect, job, false, 0};
    abi::Status status = abi::fatal;
    try {
        status = plugin_.main(action, effect == nullptr ? nullptr : static_cast<const void*>(effect->handle()),
                              in == nullptr ? nullptr : in->handle(), out == nullptr ? nullptr : out->handle());
    } catch (...) {
        report().violation("an exception leaves the plugin");
    }
    const auto allowed = statuses().find(action);
    const bool of_device = job != nullptr && profile_.cuda && (status == 1001 || status == 1002);
    if (allowed != statuses().end() && allowed->second.count(status) == 0 && !of_device) {
        report().violation("answers status " + std::to_string(status) + ", which this action does not have");
    }
    if (effect != nullptr) report_leaks(job, effect);
    if (effect != nullptr && effect->instance() && effect->alive() && effect->parameters().edits != 0) {
        report().violation("paramEditBegin without paramEditEnd");
        effect->parameters().edits = 0;
    }
    scope() = outer;
    return status;
}

abi::Status Plugin::describe(const std::string& file) {
    if (loaded_) return abi::ok;
    report().loaded++;
    loaded_ = true;
    abi::Status status = act("OfxActionLoad", nullptr, nullptr, nullptr);
    if (status != abi::ok && status != abi::reply_default) {
        report().loaded--;
        loaded_ = false;
        return status;
    }
    // A host that is newer asks for what older plugins do not know.
    act("OfxActionNobodyKnows", nullptr, nullptr, nullptr);
    base_ = std::make_unique<Effect>(profile_, "the description", false);
    fill_effect_descriptor(base_->properties(), profile_);
    base_->properties().put("OfxPluginPropFilePath", file);
    status = act("OfxActionDescribe", base_.get(), nullptr, nullptr);
    if (status != abi::ok) return status;
    check_description(*base_);
    for (const std::string& context : base_->properties().texts("OfxImageEffectPropSupportedContexts")) {
        const auto& known = profile_.contexts;
        if (std::find(known.begin(), known.end(), context) == known.end()) continue;
        auto one = std::make_unique<Effect>(profile_, "the description of " + context.substr(21), false);
        one->context = context;
        fill_effect_descriptor(one->properties(), profile_);
        for (const auto& [name, entry] : base_->properties().entries()) *one->properties().find(name) = entry;
        Arguments in("arguments of DescribeInContext");
        fill(*in, "OfxImageEffectPropContext");
        in->put("OfxImageEffectPropContext", context);
        in->protect([](const std::string&) { return false; });
        status = act("OfxImageEffectActionDescribeInContext", one.get(), &*in, nullptr);
        if (status != abi::ok) return status;
        check_in_context(*one);
        contexts_[context] = std::move(one);
    }
    return abi::ok;
}

abi::Status Plugin::unload() {
    if (!loaded_) return abi::ok;
    const abi::Status status = act("OfxActionUnload", nullptr, nullptr, nullptr);
    if (report().loaded == 1) {
        const Blame blame("OfxActionUnload");
        report_memory(nullptr);
        report_mutexes();
    }
    report().loaded--;
    loaded_ = false;
    if (base_ != nullptr) retire(std::move(base_));
    for (auto& [name, one] : contexts_) retire(std::move(one));
    contexts_.clear();
    return status;
}

Binary::Binary(const std::string& path, const Profile& profile, bool set_host) : bundle_(path) {
    fs::path file = path;
    if (fs::is_directory(file)) {
        const std::string name = file.filename().string();
        const std::string ending = ".bundle";
        if (name.size() <= ending.size() || name.substr(name.size() - ending.size()) != ending) {
            throw std::runtime_error("not a bundle: " + path);
        }
        file = file / "Contents" / "Linux-x86-64" / name.substr(0, name.size() - ending.size());
    }
    // As hosts do: of its own, and nothing of it for others.
    library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw std::runtime_error(std::string("cannot be loaded: ") + dlerror());
    auto* count = reinterpret_cast<int (*)()>(dlsym(library_, "OfxGetNumberOfPlugins"));
    auto* nth = reinterpret_cast<abi::Plugin* (*)(int)>(dlsym(library_, "OfxGetPlugin"));
    auto* set = reinterpret_cast<abi::Status (*)(const abi::Host*)>(dlsym(library_, "OfxSetHost"));
    if (count == nullptr || nth == nullptr)
        throw std::runtime_error("it exports no OfxGetNumberOfPlugins and OfxGetPlugin");
    abi::Host& host = the_host(profile);
    report().setting_host = true;
    if (set_host && set != nullptr) set(&host);
    const int plugins = count();
    for (int i = 0; i < plugins; ++i) {
        abi::Plugin* plugin = nth(i);
        if (plugin == nullptr) throw std::runtime_error("OfxGetPlugin gives nothing for plugin " + std::to_string(i));
        if (plugin != nth(i)) report().violation("OfxGetPlugin gives another pointer each time");
        if (std::string(plugin->api) != "OfxImageEffectPluginAPI" || plugin->api_version != 1) continue;
        plugin->set_host(&host);
        plugins_.push_back(std::make_unique<Plugin>(*plugin, profile));
    }
    if (nth(plugins) != nullptr || nth(-1) != nullptr)
        report().violation("OfxGetPlugin gives plugins beyond their number");
    report().setting_host = false;
}

Binary::~Binary() {
    plugins_.clear();
    if (library_ != nullptr) dlclose(library_);
}

Plugin& Binary::plugin(const std::string& identifier) {
    for (const auto& one : plugins_) {
        if (one->identifier() == identifier || (identifier.empty() && plugins_.size() == 1)) return *one;
    }
    std::string names;
    for (const auto& one : plugins_) names += " " + one->identifier();
    throw std::invalid_argument("no plugin " + identifier + "; there are" + names);
}

}  // namespace host
