// Exceptions to status codes and messages.
#include "boundary.hpp"

#include <new>

#include "candela/trouble.hpp"

namespace candela::plugin {

void show_error(ofx::Effect effect, const std::string& what) noexcept {
    const auto& host = suites();
    // Texts hold file names: they are never the format.
    if (host.persistent && host.persistent->set_persistent_message && effect) {
        const auto shown = host.persistent->set_persistent_message(effect, ofx::value::message_error, "candela", "%s", what.c_str());
        if (shown == ofx::ok) return;
    }
    if (host.message && host.message->message) host.message->message(effect, ofx::value::message_error, "candela", "%s", what.c_str());
}

void clear_message(ofx::Effect effect) noexcept {
    const auto& host = suites();
    if (host.persistent && host.persistent->clear_persistent_message && effect) host.persistent->clear_persistent_message(effect);
}

ofx::Status guarded(ofx::Effect effect, const std::function<ofx::Status()>& action) noexcept {
    const auto fail = [effect](ofx::Status status, const char* what) {
        try {
            if (effect) show_error(effect, std::string("Candela: ") + what);
        } catch (...) {
        }
        return status;
    };
    try {
        return action();
    } catch (const Aborted&) {
        return ofx::failed;  // nobody waits for the picture, and nothing is wrong
    } catch (const std::bad_alloc&) {
        return fail(ofx::err_memory, "there is not enough memory for this frame");
    } catch (const DeviceTrouble& trouble) {
        return fail(trouble.memory ? ofx::gpu_out_of_memory : ofx::gpu_render_failed, trouble.what());
    } catch (const Trouble& trouble) {
        return fail(ofx::failed, trouble.what());
    } catch (const std::exception& error) {
        return fail(ofx::failed, error.what());
    } catch (...) {
        return fail(ofx::failed, "something that says nothing of itself has failed");
    }
}

}  // namespace candela::plugin
