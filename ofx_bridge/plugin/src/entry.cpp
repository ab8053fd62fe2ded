// What a host looks for in the binary.
#include "effects/effect.hpp"

#if defined(_WIN32)
#define CANDELA_EXPORT extern "C" __declspec(dllexport)
#else
#define CANDELA_EXPORT extern "C" __attribute__((visibility("default")))
#endif

namespace {

using candela::plugin::EffectKind;

void set_host(ofx::Host* host) { candela::plugin::set_host(host); }

ofx::Status reconstruct(const char* action, const void* handle, ofx::PropertySet in, ofx::PropertySet out) {
    return candela::plugin::main_entry(candela::plugin::reconstruct_effect(), action, handle, in, out);
}

ofx::Status scope(const char* action, const void* handle, ofx::PropertySet in, ofx::PropertySet out) {
    return candela::plugin::main_entry(candela::plugin::scope_effect(), action, handle, in, out);
}

// Hosts keep the pointers.
ofx::Plugin plugins[] = {
    {ofx::image_effect_api, ofx::image_effect_api_version, "candela.Reconstruct", CANDELA_OFX_MAJOR, CANDELA_OFX_MINOR, &set_host,
     &reconstruct},
    {ofx::image_effect_api, ofx::image_effect_api_version, "candela.Scope", CANDELA_OFX_MAJOR, CANDELA_OFX_MINOR, &set_host, &scope},
};
constexpr int count = sizeof plugins / sizeof *plugins;

}  // namespace

CANDELA_EXPORT int OfxGetNumberOfPlugins() { return count; }

CANDELA_EXPORT ofx::Plugin* OfxGetPlugin(int nth) { return nth >= 0 && nth < count ? plugins + nth : nullptr; }

// Hosts of API 1.4 and before call none of it: every plugin has a function of its own for the host.
CANDELA_EXPORT ofx::Status OfxSetHost(const ofx::Host* host) {
    candela::plugin::set_host(host);
    return host ? ofx::ok : ofx::failed;
}
