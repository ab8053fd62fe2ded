#include "session.hpp"

#include <cstdio>
#include <stdexcept>

#include "report.hpp"
#include "tell.hpp"
#include "thread_suite.hpp"

namespace host {

bool Session::finish() {
    for (const auto& [id, one] : instances_) one->destroy();
    instances_.clear();
    if (binary_ != nullptr) {
        for (const auto& one : binary_->plugins()) one->unload();
        binary_.reset();
    }
    const auto violations = report().take_violations();
    for (const std::string& one : violations) std::fprintf(stderr, "%s\n", one.c_str());
    return violations.empty();
}

const std::map<std::string, Session::Handler>& Session::handlers() {
    static const std::map<std::string, Handler> all{
        {"load", &Session::load},     {"describe", &Session::describe},     {"unload", &Session::unload},
        {"close", &Session::close},   {"create", &Session::create},         {"destroy", &Session::destroy},
        {"frame", &Session::frame},   {"disconnect", &Session::disconnect}, {"set", &Session::set},
        {"press", &Session::press},   {"parameters", &Session::parameters}, {"ask", &Session::ask},
        {"action", &Session::action}, {"render", &Session::render},         {"usage", &Session::usage},
        {"quit", &Session::quit},     {"forbid", &Session::forbid}};
    return all;
}

std::string Session::answer(const std::string& line) {
    Json out;
    try {
        const Command command(line);
        const auto at = handlers().find(command.verb());
        if (at == handlers().end()) throw std::invalid_argument("no command " + command.verb());
        (this->*at->second)(command, out);
    } catch (const std::exception& failure) {
        out.add("error", failure.what());
    }
    Json messages(true);
    for (const Message& one : report().take_messages()) {
        messages.push(
            Json().add("type", one.type).add("id", one.id).add("text", one.text).add("persistent", one.persistent));
    }
    out.add("violations", list(report().take_violations())).add("messages", messages);
    return out.text();
}

Instance& Session::instance(const Command& command) {
    const std::string id = command.text("id", "0");
    const auto at = instances_.find(id);
    if (at == instances_.end()) throw std::invalid_argument("no instance " + id);
    return *at->second;
}

void Session::load(const Command& command, Json& out) {
    if (binary_ != nullptr) throw std::invalid_argument("a binary is loaded already");
    set_cpus(static_cast<unsigned int>(command.whole("cpus", 4)));
    binary_ = std::make_unique<Binary>(command.text("bundle"), profile_, command.flag("sethost", true));
    Json plugins(true);
    for (const auto& one : binary_->plugins()) {
        plugins.push(Json()
                         .add("identifier", one->identifier())
                         .add("major", static_cast<int>(one->facts().major))
                         .add("minor", static_cast<int>(one->facts().minor)));
    }
    out.add("plugins", plugins);
}

void Session::describe(const Command& command, Json& out) {
    if (binary_ == nullptr) throw std::invalid_argument("nothing is loaded");
    Plugin& plugin = binary_->plugin(command.text("plugin", ""));
    out.add("status", plugin.describe(binary_->bundle()));
    if (!plugin.loaded()) return;
    out.add("effect", told(plugin.description()));
    Json contexts;
    for (const auto& [name, one] : plugin.contexts()) contexts.add(name, told(*one));
    out.add("contexts", contexts);
}

void Session::unload(const Command& command, Json& out) {
    if (binary_ == nullptr) throw std::invalid_argument("nothing is loaded");
    Plugin& plugin = binary_->plugin(command.text("plugin", ""));
    for (const auto& [id, one] : instances_) {
        if (&one->plugin() == &plugin) throw std::invalid_argument("instance " + id + " lives");
    }
    out.add("status", plugin.unload());
}

void Session::close(const Command&, Json&) {
    if (binary_ == nullptr) return;
    for (const auto& one : binary_->plugins()) {
        if (one->loaded()) throw std::invalid_argument("unload " + one->identifier() + " first");
    }
    binary_.reset();
}

void Session::create(const Command& command, Json& out) {
    if (binary_ == nullptr) throw std::invalid_argument("nothing is loaded");
    Plugin& plugin = binary_->plugin(command.text("plugin", ""));
    Setup setup;
    setup.context = command.text("context", "OfxImageEffectContextFilter");
    const auto size = command.numbers("size");
    if (size.size() != 2) throw std::invalid_argument("create needs size=width,height");
    setup.width = size[0];
    setup.height = size[1];
    setup.first = command.number("first", 1);
    setup.last = command.number("last", setup.first);
    setup.interactive = command.flag("interactive", true);
    setup.whole_images = command.flag("whole");
    setup.components = command.text("components", "OfxImageComponentRGBA");
    setup.depth = command.text("depth", "OfxBitDepthFloat");
    setup.style = command.text("style", "");
    setup.ocio_config = command.text("ocio", "");
    for (const auto& [key, value] : command.all()) {
        if (key.rfind("param.", 0) == 0) setup.values[key.substr(6)] = value;
    }
    const std::string id = command.text("id", "0");
    if (instances_.count(id) > 0) throw std::invalid_argument("instance " + id + " lives already");
    instances_[id] = nullptr;
    try {
        instances_[id] = std::make_unique<Instance>(plugin, setup);
    } catch (...) {
        instances_.erase(id);
        throw;
    }
    out.add("preferences", instances_[id]->preferences());
}

void Session::destroy(const Command& command, Json& out) {
    out.add("status", instance(command).destroy());
    instances_.erase(command.text("id", "0"));
}

void Session::set(const Command& command, Json& out) {
    Instance& one = instance(command);
    const std::string name = command.text("name");
    Parameter* parameter = one.effect().parameters().find(name);
    if (parameter == nullptr) throw std::invalid_argument("no parameter " + name);
    const bool key = command.has("key");
    const double time = command.number("time", command.number("key", one.effect().time));
    if (key) parameter->set_at(command.number("key"), parameter->parse(command.text("value")));
    else parameter->set(parameter->parse(command.text("value")));
    out.add("status",
            one.changed("OfxTypeParameter", name, time, command.text("reason", "OfxChangeUserEdited").c_str()));
}

void Session::press(const Command& command, Json& out) {
    Instance& one = instance(command);
    const std::string name = command.text("name");
    if (one.effect().parameters().find(name) == nullptr) throw std::invalid_argument("no parameter " + name);
    out.add("status",
            one.changed("OfxTypeParameter", name, command.number("time", one.effect().time), "OfxChangeUserEdited"));
}

void Session::parameters(const Command& command, Json& out) { out.add("effect", told(instance(command).effect())); }

void Session::action(const Command& command, Json& out) {
    out.add("status", instance(command).simple(command.text("name").c_str()));
}

void Session::quit(const Command&, Json&) { over_ = true; }

}  // namespace host
