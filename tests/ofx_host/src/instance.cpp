#include "instance.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "changes.hpp"
#include "memory_suite.hpp"
#include "report.hpp"
#include "schema.hpp"

namespace host {
namespace {

bool holds(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

void copy_entries(const PropertySet& from, PropertySet& to) {
    for (const auto& [name, entry] : from.entries()) {
        if (auto* at = to.find(name)) {
            const Rule rule = at->rule;
            *at = entry;
            at->rule = rule;
        }
    }
}

}  // namespace

Instance::Instance(Plugin& plugin, const Setup& setup) : plugin_(plugin) {
    const auto at = plugin.contexts().find(setup.context);
    if (at == plugin.contexts().end()) throw std::runtime_error("not described in context " + setup.context);
    Effect& description = *at->second;
    if (description.clip("Output") == nullptr) throw std::runtime_error("described without the clip Output");
    effect_ = std::make_unique<Effect>(plugin.profile(), "the instance", true);
    effect_->context = setup.context;
    effect_->first = effect_->time = setup.first;
    effect_->last = setup.last;
    effect_->whole_images = setup.whole_images;
    PropertySet& set = effect_->properties();
    fill_effect_instance(set, plugin.profile());
    copy_entries(description.properties(), set);
    set.put("OfxPropType", "OfxTypeImageEffectInstance");
    set.put("OfxImageEffectPropContext", setup.context);
    set.put("OfxImageEffectPropProjectSize", std::vector<Value>{setup.width, setup.height});
    set.put("OfxImageEffectPropProjectOffset", std::vector<Value>{0.0, 0.0});
    set.put("OfxImageEffectPropProjectExtent", std::vector<Value>{setup.width, setup.height});
    set.put("OfxImageEffectPropPixelAspectRatio", 1.0);
    set.put("OfxImageEffectInstancePropEffectDuration", setup.last - setup.first + 1);
    set.put("OfxImageEffectPropFrameRate", setup.frame_rate);
    set.put("OfxPropIsInteractive", setup.interactive ? 1 : 0);
    set.put("OfxImageEffectPropPluginHandle", static_cast<void*>(plugin.description().handle()));
    choose_colour_management(description, setup);
    set.protect(effect_instance_may_write);
    make_clips(description, setup);
    make_parameters(description, setup);
    const abi::Status status = plugin.act("OfxActionCreateInstance", effect_.get(), nullptr, nullptr);
    if (status != abi::ok && status != abi::reply_default) {
        throw std::runtime_error("CreateInstance answers status " + std::to_string(status));
    }
}

Instance::~Instance() {
    if (effect_ != nullptr) retire(std::move(effect_));
}

void Instance::choose_colour_management(Effect& description, const Setup& setup) {
    if (!plugin_.profile().colour) return;
    static const std::vector<std::string> styles{
        "OfxImageEffectColourManagementNone", "OfxImageEffectColourManagementBasic",
        "OfxImageEffectColourManagementCore", "OfxImageEffectColourManagementFull",
        "OfxImageEffectColourManagementOCIO"};
    const std::string offered = description.properties().text("OfxImageEffectPropColourManagementStyle");
    const auto rank = [](const std::string& one) {
        return std::find(styles.begin(), styles.end(), one) - styles.begin();
    };
    std::string style = setup.style.empty() ? styles.back() : setup.style;
    if (rank(offered) < rank(style)) style = offered;
    PropertySet& set = effect_->properties();
    set.put("OfxImageEffectPropColourManagementStyle", style);
    if (style == styles[0]) return;
    const std::string config = "ofx-native-v1.5_aces-v1.3_ocio-v2.3";
    if (!holds(description.properties().texts("OfxImageEffectPropColourManagementAvailableConfigs"), config)) {
        const Blame blame("Description");
        report().violation("offers colour management and not the config " + config);
    }
    set.put("OfxImageEffectPropColourManagementConfig", config);
    if (style == styles[4])
        set.put("OfxImageEffectPropOCIOConfig", setup.ocio_config.empty() ? "ocio://default" : setup.ocio_config);
}

void Instance::make_clips(Effect& description, const Setup& setup) {
    for (const auto& of : description.clips()) {
        Clip& clip = effect_->add_clip(of->name());
        fill_clip_instance(*clip.properties, plugin_.profile());
        copy_entries(*of->properties, *clip.properties);
        PropertySet& set = *clip.properties;
        const bool alone = holds(of->properties->texts("OfxImageEffectPropSupportedComponents"), setup.components);
        const std::string components =
            alone ? setup.components : of->properties->text("OfxImageEffectPropSupportedComponents");
        set.put("OfxImageEffectPropComponents", components);
        set.put("OfxImageEffectPropPixelDepth", setup.depth);
        set.put("OfxImageClipPropUnmappedComponents", components);
        set.put("OfxImageClipPropUnmappedPixelDepth", setup.depth);
        set.put("OfxImageEffectPropPreMultiplication",
                components == "OfxImageComponentRGB" ? "OfxImageOpaque" : "OfxImageAlphaUnPremultiplied");
        set.put("OfxImagePropPixelAspectRatio", 1.0);
        set.put("OfxImageEffectPropFrameRate", setup.frame_rate);
        set.put("OfxImageEffectPropUnmappedFrameRate", setup.frame_rate);
        set.put("OfxImageEffectPropFrameRange", std::vector<Value>{setup.first, setup.last});
        set.put("OfxImageEffectPropUnmappedFrameRange", std::vector<Value>{setup.first, setup.last});
        set.put("OfxImageClipPropFieldOrder", "OfxFieldNone");
        set.put("OfxImageClipPropConnected", clip.output() || plugin_.profile().always_connected ? 1 : 0);
        set.protect(clip_instance_may_write);
    }
}

void Instance::make_parameters(Effect& description, const Setup& setup) {
    for (const auto& of : description.parameters().all()) {
        auto parameter = std::make_unique<Parameter>(of->name(), of->type(), *effect_);
        for (const auto& [name, entry] : of->properties().entries()) {
            parameter->properties().add(name, entry.rule);
            *parameter->properties().find(name) = entry;
        }
        parameter->to_default();
        parameter->properties().put("OfxPropType", "OfxTypeParameterInstance");
        parameter->properties().protect(parameter_instance_may_write);
        if (plugin_.profile().fixed_choices && parameter->properties().has("OfxParamPropChoiceOption")) {
            parameter->properties().find("OfxParamPropChoiceOption")->rule.written = false;
        }
        if (parameter->properties().integer("OfxParamPropSecret") != 0) effect_->always_secret.insert(of->name());
        const auto value = setup.values.find(of->name());
        if (value != setup.values.end()) parameter->set(parameter->parse(value->second));
        effect_->parameters().add(std::move(parameter));
    }
    for (const auto& [name, value] : setup.values) {
        if (effect_->parameters().find(name) == nullptr) throw std::invalid_argument("no parameter " + name);
    }
}

// Hosts whose secret parameters stay secret leave the plugin thinking that the user sees them.
void Instance::check_secrets() {
    if (!plugin_.profile().fixed_secrets) return;
    for (const std::string& name : effect_->always_secret) {
        PropertySet& set = effect_->parameters().find(name)->properties();
        if (set.integer("OfxParamPropSecret") == 0) {
            const Blame blame("OfxActionInstanceChanged");
            report().violation("parameter " + name + " is described secret and shown later: this host never shows it");
            set.put("OfxParamPropSecret", 1);
        }
    }
}

abi::Status Instance::changed(const char* type, const std::string& name, double time, const char* reason) {
    effect_->time = time;
    const bool of_clip = type == std::string("OfxTypeClip");
    const auto tell = [this, &type, time](const char* action, const char* why, const std::string& what) {
        const bool one = action == std::string("OfxActionInstanceChanged");
        Arguments in(std::string("arguments of ") + action);
        fill(*in, one ? "OfxPropType OfxPropName OfxPropChangeReason OfxPropTime OfxImageEffectPropRenderScale"
                      : "OfxPropChangeReason");
        in->put("OfxPropChangeReason", why);
        if (one) {
            in->put("OfxPropType", type);
            in->put("OfxPropName", what);
            in->put("OfxPropTime", time);
            in->put("OfxImageEffectPropRenderScale", std::vector<Value>{1.0, 1.0});
        }
        in->protect([](const std::string&) { return false; });
        return plugin_.act(action, effect_.get(), &*in, nullptr);
    };
    tell("OfxActionBeginInstanceChanged", reason, name);
    const abi::Status status = tell("OfxActionInstanceChanged", reason, name);
    tell("OfxActionEndInstanceChanged", reason, name);
    for (int round = 0; round < 8; ++round) {
        const auto set = take_plugin_changes(*effect_);
        if (set.empty()) break;
        if (round == 7) report().violation("sets parameters without end as it is told that they are set");
        tell("OfxActionBeginInstanceChanged", "OfxChangePluginEdited", "");
        type = "OfxTypeParameter";
        for (const std::string& one : set) tell("OfxActionInstanceChanged", "OfxChangePluginEdited", one);
        tell("OfxActionEndInstanceChanged", "OfxChangePluginEdited", "");
    }
    check_secrets();
    const auto slaves = plugin_.description().properties().texts("OfxImageEffectPropClipPreferencesSlaveParam");
    if (of_clip || holds(slaves, name)) preferences();
    return status;
}

abi::Status Instance::simple(const char* action) { return plugin_.act(action, effect_.get(), nullptr, nullptr); }

abi::Status Instance::destroy() {
    const abi::Status status = simple("OfxActionDestroyInstance");
    const Blame blame("OfxActionDestroyInstance");
    report_leaks(nullptr, effect_.get());
    report_memory(effect_.get());
    return status;
}

}  // namespace host
