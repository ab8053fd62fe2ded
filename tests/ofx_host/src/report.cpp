#include "report.hpp"

#include <algorithm>
#include <utility>

namespace host {

Scope& scope() {
    thread_local Scope one;
    return one;
}

Blame::Blame(const std::string& action) : outer_(scope()) { scope().action = action; }
Blame::~Blame() { scope() = outer_; }

Report& report() {
    static Report one;
    return one;
}

void Report::violation(const std::string& what) {
    const std::string& action = scope().action;
    const std::string text = (action.empty() ? std::string("outside any action") : action) + ": " + what;
    const std::lock_guard<std::mutex> held(lock_);
    if (std::find(said_.begin(), said_.end(), text) == said_.end()) {
        said_.push_back(text);
        violations_.push_back(text);
    }
}

void Report::message(Message message) {
    const std::lock_guard<std::mutex> held(lock_);
    messages_.push_back(std::move(message));
}

void Report::clear_persistent(const std::string& of) {
    const std::lock_guard<std::mutex> held(lock_);
    messages_.push_back({"cleared", of, "", true});
}

std::vector<std::string> Report::take_violations() {
    const std::lock_guard<std::mutex> held(lock_);
    said_.clear();
    return std::exchange(violations_, {});
}

std::vector<Message> Report::take_messages() {
    const std::lock_guard<std::mutex> held(lock_);
    return std::exchange(messages_, {});
}

void called(const char* function, bool bound) {
    if (report().loaded == 0) {
        report().violation(std::string(function) + " is called while the plugin is not loaded");
    } else if (bound && scope().action.empty()) {
        report().violation(std::string(function) + " is called by a thread that is in no action");
    }
}

}  // namespace host
