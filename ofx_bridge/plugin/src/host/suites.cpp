// One set of suites for all effects of the bundle: hosts load a binary once and give every plugin of it the same host.
#include "suites.hpp"

namespace candela::plugin {
namespace {

Suites current;

template <class Suite>
const Suite* fetched(const char* name, int version) {
    return static_cast<const Suite*>(current.host->fetchSuite(current.host->host, name, version));
}

}  // namespace

const Suites& suites() { return current; }

void set_host(const ofx::Host* host) {
    if (host) current.host = host;
}

bool fetch_suites() {
    if (!current.host || !current.host->fetchSuite) return false;
    current.property = fetched<ofx::PropertySuiteV1>(ofx::property_suite, 1);
    current.parameter = fetched<ofx::ParameterSuiteV1>(ofx::parameter_suite, 1);
    current.effect = fetched<ofx::ImageEffectSuiteV1>(ofx::image_effect_suite, 1);
    current.threads = fetched<ofx::MultiThreadSuiteV1>(ofx::multi_thread_suite, 1);
    current.persistent = fetched<ofx::MessageSuiteV2>(ofx::message_suite, 2);
    current.message = fetched<ofx::MessageSuiteV1>(ofx::message_suite, 1);
    return current.property && current.parameter && current.effect;
}

}  // namespace candela::plugin
