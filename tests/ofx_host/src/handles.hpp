// Handles that can be told from dead ones: what is retired stays as an empty shell until the program ends, so that a
// plugin that uses a stale handle is told kOfxStatErrBadHandle, and on it, instead of reading freed memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace host {

enum class Kind : std::uint32_t { properties = 0x0f1, parameter, parameters, effect, clip, memory, mutex };

class Handle {
public:
    explicit Handle(Kind kind) : kind_(kind) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    virtual ~Handle() = default;

    bool is(Kind kind) const { return kind_ == kind && alive_ == living; }
    bool alive() const { return alive_ == living; }
    void die() {
        alive_ = 0;
        empty();
    }

protected:
    // Gives up what the shell need not keep.
    virtual void empty() {}

private:
    static constexpr std::uint32_t living = 0xa11fe;
    std::atomic<std::uint32_t> alive_{living};
    Kind kind_;
};

inline void retire(std::unique_ptr<Handle> handle) {
    static std::mutex lock;
    // Never destroyed: plugins may run past main().
    static auto& shells = *new std::vector<std::unique_ptr<Handle>>;
    handle->die();
    const std::lock_guard<std::mutex> held(lock);
    shells.push_back(std::move(handle));
}

// The object of a handle, or nothing where it is null, dead or of another kind.
template <class T, class Opaque>
T* from(Opaque* opaque, Kind kind) {
    auto* handle = reinterpret_cast<Handle*>(opaque);
    return handle != nullptr && handle->is(kind) ? static_cast<T*>(handle) : nullptr;
}

template <class Opaque>
Opaque to(Handle* handle) {
    return reinterpret_cast<Opaque>(handle);
}

}  // namespace host
