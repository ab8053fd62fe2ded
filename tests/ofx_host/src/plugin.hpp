// A binary of plugins, and each of its plugins: loaded, described, instances made.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "abi.hpp"
#include "effect.hpp"
#include "profile.hpp"

namespace host {

// Arguments of an action, gone when the action is over.
class Arguments {
public:
    explicit Arguments(const std::string& what) : set_(std::make_unique<PropertySet>(what)) {}
    ~Arguments() { retire(std::move(set_)); }
    PropertySet& operator*() { return *set_; }
    PropertySet* operator->() { return set_.get(); }

private:
    std::unique_ptr<PropertySet> set_;
};

class Plugin {
public:
    Plugin(abi::Plugin& plugin, const Profile& profile) : plugin_(plugin), profile_(profile) {}

    std::string identifier() const { return plugin_.identifier; }
    const abi::Plugin& facts() const { return plugin_; }
    const Profile& profile() const { return profile_; }
    bool loaded() const { return loaded_; }

    // Load, Describe and DescribeInContext of all contexts that both know, with what a host checks of a description.
    abi::Status describe(const std::string& file);
    abi::Status unload();
    Effect& description() { return *base_; }
    std::map<std::string, std::unique_ptr<Effect>>& contexts() { return contexts_; }

    // One action; what is not among the statuses that the specification gives it is a violation.
    abi::Status act(const char* action, Effect* effect, PropertySet* in, PropertySet* out, Job* job = nullptr);

private:
    void check(Effect& description, const std::string& context);

    abi::Plugin& plugin_;
    const Profile& profile_;
    bool loaded_ = false;
    std::unique_ptr<Effect> base_;
    std::map<std::string, std::unique_ptr<Effect>> contexts_;
};

// `X.ofx.bundle`, or the binary itself.
class Binary {
public:
    // Throws std::runtime_error for what cannot be loaded. set_host: whether OfxSetHost is called, where it is there.
    Binary(const std::string& path, const Profile& profile, bool set_host);
    ~Binary();
    Binary(const Binary&) = delete;
    Binary& operator=(const Binary&) = delete;

    Plugin& plugin(const std::string& identifier);
    std::vector<std::unique_ptr<Plugin>>& plugins() { return plugins_; }
    const std::string& bundle() const { return bundle_; }

private:
    void* library_ = nullptr;
    std::string bundle_;
    std::vector<std::unique_ptr<Plugin>> plugins_;
};

}  // namespace host
