// The host and the suites that it has. A host may lack any but the first three; what is absent is null.
#pragma once

#include "candela_ofx/ofx_abi.h"
#include "candela_ofx/ofx_names.h"

namespace candela::plugin {

struct Suites {
    const ofx::Host* host = nullptr;
    const ofx::PropertySuiteV1* property = nullptr;
    const ofx::ParameterSuiteV1* parameter = nullptr;
    const ofx::ImageEffectSuiteV1* effect = nullptr;
    const ofx::MultiThreadSuiteV1* threads = nullptr;
    const ofx::MessageSuiteV1* message = nullptr;  // version 1, or the first member of version 2
    const ofx::MessageSuiteV2* persistent = nullptr;
};

const Suites& suites();

// Called by the host before anything else; may be called again after a load failed or the plugin was unloaded.
void set_host(const ofx::Host* host);

// Fetches all suites anew; false without those that nothing works without.
bool fetch_suites();

}  // namespace candela::plugin
