// Payloads, read once and shared by all instances, and read again when their files change.
#pragma once

#include <memory>
#include <string>

#include "candela/model.hpp"

namespace candela::plugin {

// The payload of a file, or of the sidecar beside it. The file's identity, size and times are looked at with every call;
// the bytes are read when these have changed. Several threads that ask for one file wait for one reading of it. Throws what
// candela::Model::open throws, again and again without reading, until the file changes.
std::shared_ptr<const Model> payload_of(const std::string& path);

// Forgets all that nobody is using: hosts ask for it when memory runs short, and when the plugin is unloaded.
void forget_payloads();

// How often files have been read, for tests.
std::size_t payload_readings();

}  // namespace candela::plugin
