// Where exceptions end: a host sees status codes, and its user a message.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "suites.hpp"

namespace candela::plugin {

// A render that the host has called off.
struct Aborted {};

// What somebody has to do something about: the text is for the person in front of the host.
struct UserError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What a device could not do; the host may do it without.
struct DeviceTrouble : std::runtime_error {
    DeviceTrouble(bool out_of_memory, const std::string& what) : std::runtime_error(what), memory(out_of_memory) {}
    bool memory;
};

// Runs an action. What is thrown becomes a status, and a message where an effect is given to which it can belong.
ofx::Status guarded(ofx::Effect effect, const std::function<ofx::Status()>& action) noexcept;

// Shows and takes away the message that stays with an effect.
void show_error(ofx::Effect effect, const std::string& what) noexcept;
void clear_message(ofx::Effect effect) noexcept;

}  // namespace candela::plugin
